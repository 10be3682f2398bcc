/* SPDX-License-Identifier: MIT
 *
 * shipper/sources/container_path.c through its header: paths with the fields that
 * they must give.
 */
#include "shipper/sources/container_path.h"

#include "parsers/buffer.h"
#include "tests/support/test.h"

#define ID  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define UID "9f0c1b7e-3f2a-4c55-9d61-0e2f7ad5b1c3"

static const struct {
    const char *path, *fields;
} rows[] = {
    {"/var/log/pods/shop_web-7d9f_" UID "/nginx/0.log",
        "k8s.namespace.name=shop k8s.pod.name=web-7d9f k8s.pod.uid=" UID
        " k8s.container.name=nginx "},
    {"/var/log/pods/shop_web-7d9f_" UID "/nginx/0.log.20261123-101112.gz",
        "k8s.namespace.name=shop k8s.pod.name=web-7d9f k8s.pod.uid=" UID
        " k8s.container.name=nginx "},
    {"/var/log/containers/web-7d9f_shop_my-app-" ID ".log",
        "k8s.namespace.name=shop k8s.pod.name=web-7d9f k8s.container.name=my-app "
        "container.id=" ID " "},
    {"/var/lib/docker/containers/" ID "/" ID "-json.log.1", "container.id=" ID " "},
    {"/var/lib/docker/containers/short/short-json.log", ""},
    {"/var/log/containers/web_shop_app.log", ""},
    {"/var/log/containers/web_shop_-" ID ".log", ""},
    {"/var/log/containers/web-" ID ".log", ""},
    {"/var/log/pods/shop_web/nginx/0.log", ""},
    {"/var/log/pods/a_b_c_d/nginx/0.log", ""},
    {"/var/log/pods//nginx/0.log", ""},
    {"/var/log/auth.log", ""},
    {"app.log", ""},
    {"", ""},
    {"/", ""},
};

static void tells_the_container_by_the_path(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct field fields[CONTAINER_FIELDS_MOST];
        size_t count = container_path_read(rows[i].path, fields);
        struct buffer got = {0};

        for (size_t j = 0; j < count; j++)
            buffer_printf(&got, "%.*s=%.*s ", (int)fields[j].name.len, fields[j].name.at,
                (int)fields[j].value.len, fields[j].value.at);
        check_row(rows[i].path, span_equal(buffer_span(&got), span_of(rows[i].fields)));
        buffer_finish(&got);
    }
}

static void tells_the_runtime_by_the_path(void **state)
{
    static const struct {
        const char *path, *wanted; /* NULL: none */
    } paths[] = {
        {"/var/log/pods/shop_web-7d9f_" UID "/nginx/0.log", "cri"},
        {"/var/log/pods/*/*/*.log", "cri"},
        {"/var/log/pods/shop_web-*/*/*.log", "cri"},
        {"/var/log/containers/web-7d9f_shop_my-app-" ID ".log", "cri"},
        {"/var/log/containers/*.log", "cri"},
        {"/home/a/.local/share/containers/storage/overlay-containers/" ID "/userdata/ctr.log",
            "cri"},
        {"/var/lib/docker/containers/" ID "/" ID "-json.log", "docker"},
        {"/var/lib/docker/containers/*/*-json.log", "docker"},
        {"/srv/containers/app.log", NULL},
        {"/srv/containers/shop/app.log", NULL},
        {"/srv/pods/shop/web/app.log", NULL},
        {"/var/log/auth.log", NULL},
        {"app.log", NULL},
        {"", NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
        check_row(
            paths[i].path, container_path_runtime(paths[i].path) ==
                               (paths[i].wanted ? format_find(span_of(paths[i].wanted)) : NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tells_the_runtime_by_the_path),
        cmocka_unit_test(tells_the_container_by_the_path),
    };

    return cmocka_run_group_tests_name("container_path", tests, NULL, NULL);
}
