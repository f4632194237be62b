/* SPDX-License-Identifier: MIT */
/* The least a process can be: linked by musl, statically, it is the yardstick. */
int main(void)
{
	return 0;
}
