/* SPDX-License-Identifier: MIT
 *
 * The yardstick of the sender's benchmarks: libcurl's multi interface posting the
 * same body again and again, with handles that are used again and nothing else.
 *
 *     bare_poster URL COUNT IN_FLIGHT [CA_FILE]
 *
 * Prints one line:
 *
 *     COUNT posts, N s, N us CPU a post, N KiB at most
 */
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { BODY_BYTES = 400, MOST_IN_FLIGHT = 2048 };

static char body[BODY_BYTES + 1];

static double now_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static size_t drop(char *bytes, size_t size, size_t count, void *arg)
{
    (void)bytes, (void)arg;
    return size * count;
}

static CURL *new_handle(const char *url, const char *ca_file, struct curl_slist *headers)
{
    CURL *easy = curl_easy_init();

    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_CAINFO, ca_file);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, (long)(strncmp(url, "https:", 6) == 0));
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, drop);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE, (long)BODY_BYTES);
    return easy;
}

static void post(CURLM *multi, unsigned long count, unsigned long started)
{
    unsigned long finished = 0;

    while (finished < count) {
        struct CURLMsg *message;
        int running, left;

        curl_multi_perform(multi, &running);
        while ((message = curl_multi_info_read(multi, &left))) {
            CURL *easy = message->easy_handle;
            long status = 0;

            curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
            if (message->data.result != CURLE_OK || status != 200) {
                fprintf(
                    stderr, "status %ld, %s\n", status, curl_easy_strerror(message->data.result));
                exit(70);
            }
            finished++;
            curl_multi_remove_handle(multi, easy);
            if (started < count) {
                started++;
                curl_multi_add_handle(multi, easy);
            }
        }
        if (finished < count)
            curl_multi_poll(multi, NULL, 0, 1000, NULL);
    }
}

int main(int argc, char **argv)
{
    struct curl_slist *headers = NULL;
    unsigned long count, in_flight;
    struct rusage used;
    double began_s;
    CURLM *multi;

    if (argc < 4 || (count = strtoul(argv[2], NULL, 10)) == 0 ||
        (in_flight = strtoul(argv[3], NULL, 10)) == 0 || in_flight > MOST_IN_FLIGHT) {
        fprintf(stderr, "usage: bare_poster URL COUNT IN_FLIGHT [CA_FILE]\n");
        return 64;
    }
    memset(body, 'x', BODY_BYTES);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, (long)in_flight);
    headers = curl_slist_append(headers, "X-API-KEY: secret");
    headers = curl_slist_append(headers, "Content-Type: application/json");
    headers = curl_slist_append(headers, "Expect:");
    began_s = now_s();
    for (unsigned long i = 0; i < in_flight; i++)
        curl_multi_add_handle(multi, new_handle(argv[1], argc > 4 ? argv[4] : NULL, headers));
    post(multi, count, in_flight);
    getrusage(RUSAGE_SELF, &used);
    printf("%lu posts, %.3f s, %.2f us CPU a post, %ld KiB at most\n", count, now_s() - began_s,
        ((double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
            (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec)) /
            (double)count,
        used.ru_maxrss);
    return 0;
}
