/* Answers of an ssh-agent: whatever they are, both readers end, and only whole ones count. */
#include <stdint.h>
#include <stdlib.h>

#include "sign/ssh_agent.h"

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* NOLINTNEXTLINE(readability-identifier-naming): libFuzzer's name */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    gl_autoagentkeys struct gl_agent_keys keys = {0};
    unsigned char bytes[GL_SIGNATURE_BYTES];
    bool lists = gl_agent_read_keys(data, size, &keys);
    bool signs = gl_agent_read_signature(data, size, bytes);
    if (lists && signs)
        abort();
    if (!lists && keys.items)
        abort();
    return 0;
}
