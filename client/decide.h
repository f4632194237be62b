/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_DECIDE_H
#define CLIENT_DECIDE_H

#include "base/options.h"

/*
 * What approve and deny share: tells the verdict, says what is still needed.
 */
int decide(const struct options *options, const char *verdict, struct error *error);

#endif
