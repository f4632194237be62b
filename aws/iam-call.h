/* SPDX-License-Identifier: MIT */
#ifndef AWS_IAM_CALL_H
#define AWS_IAM_CALL_H

#include "aws/iam.h"
#include "aws/signed.h"
#include "aws/xml.h"
#include "base/buffer.h"

/* One signed call with its retries; what aws/iam.c is written in. */

#define IAM_FORM_MAX SIGNED_FORM_MAX
#define iam_parameter signed_parameter

/* Starts a form: the action and its parameters.  0, -EMSGSIZE, -ENOMEM. */
int iam_form_begin(struct iam *iam, struct buffer *form, const char *action,
		   const struct iam_parameter *parameters);

/*
 * Sends a form and reads the answer's elements.  on_element may be NULL.
 * Returns as iam.h says, or what on_element returned.
 */
int iam_call(struct iam *iam, const struct buffer *form, xml_element_fn *on_element,
	     void *data, struct error *error);

/* The same for an action that its parameters say all of. */
int iam_call_action(struct iam *iam, const char *action,
		    const struct iam_parameter *parameters, xml_element_fn *on_element,
		    void *data, struct error *error);

/*
 * The same for one that answers in pages: calls until the last one, each
 * with the Marker that the one before gave.
 */
int iam_call_pages(struct iam *iam, const char *action,
		   const struct iam_parameter *parameters, xml_element_fn *on_element,
		   void *data, struct error *error);

#endif
