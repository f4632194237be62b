/* SPDX-License-Identifier: MIT */
#ifndef CLIENT_TERMINAL_H
#define CLIENT_TERMINAL_H

/* How many places a line of that terminal has; 0 where fd is none. */
int terminal_columns(int fd);

#endif
