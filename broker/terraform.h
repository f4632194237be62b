/* SPDX-License-Identifier: MIT */
#ifndef BROKER_TERRAFORM_H
#define BROKER_TERRAFORM_H

#include <stddef.h>

#include "base/buffer.h"
#include "base/error.h"
#include "broker/profiles.h"

/*
 * What AWS must be told before profiles work, as Terraform reads it: a root
 * module, and below it a module for each account.  The same profiles give the
 * same bytes, whatever their order in the file.
 */

/* The first line of every file; one without it belongs to somebody else. */
#define TERRAFORM_MARK "# Written by jit-broker terraform; what is changed here is lost."

struct terraform_file {
	char *path; /* below the directory: "production/oidc.tf" */
	struct buffer text;
};

struct terraform {
	struct terraform_file *list;
	size_t count;
};

/*
 * Writes every file into memory.  issuer: what the broker signs as, NULL where
 * that is not said yet.  Returns 0 with *files the caller's, or error_set().
 */
int terraform_make(const struct profiles *profiles, const char *issuer,
		   struct terraform *files, struct error *error);
void terraform_done(struct terraform *files);

struct terraform_saved {
	size_t written, unchanged, removed;
};

/*
 * Puts the files into the directory, which is made if it is missing, and
 * removes what earlier profiles left there.  A file without the mark is never
 * touched: one in the way is refused (ERROR_USAGE) before anything is written.
 */
int terraform_save(const struct terraform *files, const char *directory,
		   struct terraform_saved *saved, struct error *error);

#endif
