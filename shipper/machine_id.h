/* SPDX-License-Identifier: MIT
 *
 * What tells this host from others in event ids when the configuration names no
 * `instance`: the machine id of systemd and D-Bus, machine-id(5).
 */
#ifndef SHIPPER_MACHINE_ID_H
#define SHIPPER_MACHINE_ID_H

/* The 32 hexadecimal digits in the file at path, /etc/machine-id when it is NULL;
 * yours to free. NULL if the file is not there or holds no id ("uninitialized",
 * as images are shipped). The id is confidential: it goes into hashes only. */
char *machine_id_read(const char *path);

#endif
