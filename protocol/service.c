/* SPDX-License-Identifier: MIT */
#include "protocol/service.h"

#include <string.h>

/* clang-format off */
static const char agent_interface[] = {
#include "protocol/io.jitctl.Agent.varlink.inc"
	0
};
/* clang-format on */

/* https://varlink.org/Service, word for word as the standard has it. */
static const char service_interface[] =
    "# The Varlink Service Interface is provided by every varlink service. It\n"
    "# describes the service and the interfaces it implements.\n"
    "interface org.varlink.service\n"
    "\n"
    "method GetInfo() -> (\n"
    "  vendor: string,\n"
    "  product: string,\n"
    "  version: string,\n"
    "  url: string,\n"
    "  interfaces: []string\n"
    ")\n"
    "\n"
    "method GetInterfaceDescription(interface: string) -> (description: string)\n"
    "\n"
    "error InterfaceNotFound (interface: string)\n"
    "\n"
    "error MethodNotFound (method: string)\n"
    "\n"
    "error MethodNotImplemented (method: string)\n"
    "\n"
    "error InvalidParameter (parameter: string)\n"
    "\n"
    "error PermissionDenied ()\n"
    "\n"
    "error ExpectedMore ()\n"
    "\n"
    "error ExpectedUpgrade ()\n";

/* clang-format off */
static const struct {
	const char *name;
	const char *description;
} interfaces[] = {
	{ "org.varlink.service", service_interface },
	{ SERVICE_INTERFACE,     agent_interface },
};
/* clang-format on */
#define INTERFACES (sizeof(interfaces) / sizeof(interfaces[0]))

json_t *service_info(void)
{
	json_t *info = json_pack("{s:s, s:s, s:s, s:s, s:[]}", "vendor", "jitctl.io",
				 "product", "jit-agent", "version", JIT_VERSION, "url",
				 "https://jitctl.io", "interfaces");

	for (size_t i = 0; info && i < INTERFACES; i++)
		if (json_array_append_new(json_object_get(info, "interfaces"),
					  json_string(interfaces[i].name)) < 0) {
			json_decref(info);
			return NULL;
		}
	return info;
}

const char *service_description(const char *interface)
{
	for (size_t i = 0; i < INTERFACES; i++)
		if (strcmp(interfaces[i].name, interface) == 0)
			return interfaces[i].description;
	return NULL;
}
