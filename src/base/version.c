/* The version, from the one place that states it: the build. */
#include <bombus/bombus.h>

const char *bombus_version(void)
{
    return BOMBUS_VERSION_STRING;
}
