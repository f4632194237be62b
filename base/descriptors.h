/* SPDX-License-Identifier: MIT */
#ifndef BASE_DESCRIPTORS_H
#define BASE_DESCRIPTORS_H

/*
 * Takes the places of those of 0, 1 and 2 that the caller closed, so that no socket
 * or file of ours gets that number and then what is printed.  To use one fails as
 * before.  For the first line of main().
 */
void descriptors_hold_standard(void);

#endif
