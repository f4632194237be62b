/* SPDX-License-Identifier: MIT */
#include "aws/http-error.h"

#include <openssl/x509_vfy.h>
#include <stddef.h>

/* clang-format off */
static const struct reason {
	CURLcode code;
	enum error_kind kind;
	bool may_pass;
	const char *words; /* follow the host's name */
} reasons[] = {
	{ CURLE_COULDNT_RESOLVE_HOST,  ERROR_UNREACHABLE, true,  "cannot be found: its name does not resolve" },
	{ CURLE_COULDNT_RESOLVE_PROXY, ERROR_UNREACHABLE, true,  "cannot be reached: the proxy's name does not resolve" },
	{ CURLE_COULDNT_CONNECT,       ERROR_UNREACHABLE, true,  "does not accept connections" },
	{ CURLE_PROXY,                 ERROR_UNREACHABLE, true,  "cannot be reached through the proxy" },
	{ CURLE_OPERATION_TIMEDOUT,    ERROR_UNREACHABLE, true,  "did not answer in time" },
	{ CURLE_GOT_NOTHING,           ERROR_UNREACHABLE, true,  "closed the connection without an answer" },
	{ CURLE_PARTIAL_FILE,          ERROR_UNREACHABLE, true,  "sent only part of an answer" },
	{ CURLE_RECV_ERROR,            ERROR_UNREACHABLE, true,  "broke the connection off" },
	{ CURLE_SEND_ERROR,            ERROR_UNREACHABLE, true,  "broke the connection off" },
	{ CURLE_SSL_CONNECT_ERROR,     ERROR_UNREACHABLE, true,  "agreed on no TLS 1.2 or newer with us" },
	{ CURLE_SSL_CACERT_BADFILE,    ERROR_USAGE,       false, "was not called: the ca_file cannot be read" },
	{ CURLE_UNSUPPORTED_PROTOCOL,  ERROR_UNREACHABLE, false, "answered something that is not HTTP" },
	{ CURLE_WEIRD_SERVER_REPLY,    ERROR_UNREACHABLE, false, "answered something that is not HTTP" },
	{ CURLE_BAD_CONTENT_ENCODING,  ERROR_UNREACHABLE, false, "answered in an encoding that was not asked for" },
	{ CURLE_ABORTED_BY_CALLBACK,   ERROR_UNREACHABLE, false, "was not waited for: this program stops" },
	{ CURLE_OUT_OF_MEMORY,         ERROR_INTERNAL,    false, "was not called: out of memory" },
};
/* clang-format on */

static int set_certificate_error(long verify_result, const char *host,
				 struct error *error)
{
	/* libcurl looks at the name first, and leaves the result unset if it differs. */
	if (verify_result == X509_V_OK || verify_result == X509_V_ERR_UNSPECIFIED)
		return error_set(error, ERROR_UNREACHABLE,
				 "the certificate of %s is for another name", host);
	return error_set(error, ERROR_UNREACHABLE,
			 "the certificate of %s is not trusted: %s", host,
			 X509_verify_cert_error_string(verify_result));
}

int http_error_set(const struct http_outcome *outcome, const char *host, bool *may_pass,
		   struct error *error)
{
	*may_pass = false;
	if (outcome->is_too_long)
		return error_set(error, ERROR_UNREACHABLE,
				 "%s answered more than is allowed (256 KiB)", host);
	if (outcome->left_loopback)
		return error_set(error, ERROR_USAGE,
				 "plain http to %s would leave this machine", host);
	if (outcome->code == CURLE_PEER_FAILED_VERIFICATION)
		return set_certificate_error(outcome->verify_result, host, error);
	for (size_t i = 0; i < sizeof(reasons) / sizeof(*reasons); i++) {
		if (reasons[i].code != outcome->code)
			continue;
		*may_pass = reasons[i].may_pass;
		return error_set(error, reasons[i].kind, "%s %s", host, reasons[i].words);
	}
	return error_set(error, ERROR_UNREACHABLE, "the call to %s failed (libcurl %d)",
			 host, (int)outcome->code);
}
