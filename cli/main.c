#include <bombus/bombus.h>
#include <stdio.h>

int main(void)
{
    printf("bombus %s\n", bombus_version());
    return 0;
}
