/* golive: takes a web application to production on AWS and keeps it there. */
#include "cmd/command.h"

int main(int argc, char **argv)
{
    return gl_main(argc, argv);
}
