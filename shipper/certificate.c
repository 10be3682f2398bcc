/* SPDX-License-Identifier: MIT
 *
 * OpenSSL reads the PEM text. Of a private key nothing is kept, and one that is
 * encrypted is not asked a password for: nobody is there to type it.
 */
#include "shipper/certificate.h"

#include "parsers/timestamp.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static int no_password(char *to, int room, int is_writing, void *arg)
{
    (void)to;
    (void)room;
    (void)is_writing;
    *(bool *)arg = true;
    return -1;
}

static BIO *open_text(struct span pem)
{
    return BIO_new_mem_buf(pem.at, (int)pem.len);
}

static void put_name(const X509_NAME *name, char *to, int room)
{
    BIO *text = BIO_new(BIO_s_mem());
    int len;

    X509_NAME_print_ex(text, name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
    len = BIO_read(text, to, room - 1);
    to[len > 0 ? len : 0] = '\0';
    BIO_free(text);
}

static void put_address(const ASN1_OCTET_STRING *address, struct buffer *out)
{
    char text[INET6_ADDRSTRLEN] = "";
    int len = ASN1_STRING_length(address);

    if (len == 4 || len == 16)
        inet_ntop(
            len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text, sizeof(text));
    buffer_append(out, span_of(text));
}

static void put_names(const X509 *x509, char *to, size_t room)
{
    GENERAL_NAMES *names = X509_get_ext_d2i(x509, NID_subject_alt_name, NULL, NULL);
    struct buffer out = {0};

    for (int i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_DNS && name->type != GEN_IPADD)
            continue;
        if (out.len > 0)
            buffer_append(&out, SPAN(", "));
        if (name->type == GEN_DNS)
            buffer_append(&out, (struct span){(const char *)ASN1_STRING_get0_data(name->d.dNSName),
                                    (size_t)ASN1_STRING_length(name->d.dNSName)});
        else
            put_address(name->d.iPAddress, &out);
    }
    snprintf(to, room, "%.*s", (int)out.len, out.len > 0 ? out.bytes : "");
    buffer_finish(&out);
    GENERAL_NAMES_free(names);
}

static int64_t seconds_of(const ASN1_TIME *time)
{
    struct tm parts;

    if (!time || ASN1_TIME_to_tm(time, &parts) != 1)
        return 0;
    return timestamp_from_date(
               parts.tm_year + 1900, (unsigned)parts.tm_mon + 1, (unsigned)parts.tm_mday) +
           3600 * parts.tm_hour + 60 * parts.tm_min + parts.tm_sec;
}

static void describe(const X509 *x509, struct certificate *certificate)
{
    *certificate = (struct certificate){
        .from_s = seconds_of(X509_get0_notBefore(x509)),
        .until_s = seconds_of(X509_get0_notAfter(x509)),
    };
    put_name(X509_get_subject_name(x509), certificate->subject, sizeof(certificate->subject));
    put_name(X509_get_issuer_name(x509), certificate->issuer, sizeof(certificate->issuer));
    put_names(x509, certificate->names, sizeof(certificate->names));
}

bool certificate_read(struct span pem, struct certificate *first, size_t *count)
{
    BIO *text = open_text(pem);
    bool is_encrypted;
    X509 *x509;

    *count = 0;
    while ((x509 = PEM_read_bio_X509_AUX(text, NULL, no_password, &is_encrypted))) {
        if ((*count)++ == 0)
            describe(x509, first);
        X509_free(x509);
    }
    BIO_free(text);
    ERR_clear_error(); /* the end of the text is one */
    return *count > 0;
}

const char *certificate_key_fault(struct span pem, struct span key_pem)
{
    BIO *text = open_text(pem), *key_text = open_text(key_pem);
    bool is_encrypted = false;
    X509 *x509 = PEM_read_bio_X509_AUX(text, NULL, no_password, &is_encrypted);
    EVP_PKEY *key = PEM_read_bio_PrivateKey(key_text, NULL, no_password, &is_encrypted);
    const char *fault = NULL;

    if (!key)
        fault = is_encrypted ? "its private key is encrypted" : "it holds no private key";
    else if (x509 && X509_check_private_key(x509, key) != 1)
        fault = "its private key is not that of the certificate";
    EVP_PKEY_free(key);
    X509_free(x509);
    BIO_free(key_text);
    BIO_free(text);
    ERR_clear_error();
    return fault;
}
