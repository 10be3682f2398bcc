/* SPDX-License-Identifier: MIT
 *
 * What the path of a container's log tells of the container, as fields (OpenTelemetry's
 * names):
 *
 *     …/pods/NAMESPACE_POD_UID/CONTAINER/0.log
 *         k8s.namespace.name, k8s.pod.name, k8s.pod.uid, k8s.container.name
 *     …/containers/POD_NAMESPACE_CONTAINER-ID.log
 *         k8s.namespace.name, k8s.pod.name, k8s.container.name, container.id
 *     …/containers/ID/ID-json.log
 *         container.id
 *
 * The last name may have more behind it, as rotation leaves it. An id has 64 digits.
 * Source: the kubelet (pkg/kubelet/kuberuntime, ContainerLogFileName and its like), and
 * Docker's data directory.
 */
#ifndef SHIPPER_SOURCES_CONTAINER_PATH_H
#define SHIPPER_SOURCES_CONTAINER_PATH_H

#include "parsers/format.h"

enum { CONTAINER_FIELDS_MOST = 4 };

/* How many fields there are; 0 for any other path. The values point into it. */
size_t container_path_read(const char *path, struct field fields[CONTAINER_FIELDS_MOST]);

/* The format of the runtime whose logs are there, by a path or a glob of paths: cri in pods'
 * folders, in the links to them and in podman's, docker in Docker's; else NULL. */
const struct format *container_path_runtime(const char *path);

#endif
