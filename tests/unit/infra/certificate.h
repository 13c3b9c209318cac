/*
 * tests/unit/infra/certificate: a TLS certificate that nobody trusts, made anew.
 */
#ifndef TESTS_UNIT_INFRA_CERTIFICATE_H
#define TESTS_UNIT_INFRA_CERTIFICATE_H

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "tests/unit/unit.h"

static inline void
read_pem(BIO *from, char *out, size_t size)
{
	int len = BIO_read(from, out, (int)size - 1);

	assert_true(len > 0);
	out[len] = '\0';
	BIO_free(from);
}

/* For 127.0.0.1, by nobody that anybody trusts. */
static inline void
make_certificate(char *key_pem, char *certificate_pem, size_t size)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *certificate = X509_new();
	BIO *key_out = BIO_new(BIO_s_mem());
	BIO *certificate_out = BIO_new(BIO_s_mem());
	X509_NAME *name = X509_get_subject_name(certificate);

	assert_true(key != NULL && key_out != NULL && certificate_out != NULL);
	assert_int_equal(X509_set_version(certificate, X509_VERSION_3), 1);
	assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1), 1);
	assert_non_null(X509_gmtime_adj(X509_getm_notBefore(certificate), -3600));
	assert_non_null(X509_gmtime_adj(X509_getm_notAfter(certificate), 3600));
	assert_int_equal(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
			     (const unsigned char *)"127.0.0.1", -1, -1, 0),
	    1);
	assert_int_equal(X509_set_issuer_name(certificate, name), 1);
	assert_int_equal(X509_set_pubkey(certificate, key), 1);
	assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
	assert_int_equal(PEM_write_bio_PrivateKey(key_out, key, NULL, NULL, 0, NULL, NULL), 1);
	assert_int_equal(PEM_write_bio_X509(certificate_out, certificate), 1);
	read_pem(key_out, key_pem, size);
	read_pem(certificate_out, certificate_pem, size);
	X509_free(certificate);
	EVP_PKEY_free(key);
}

#endif
