/* In C, because Go has no arrays that C can see. */
#include "mimir_plugin.h"

const char mimir_plugin_manifest[] =
    "{\n"
    "  \"mimir_plugin\": 1,\n"
    "  \"abi\": 1,\n"
    "  \"name\": \"my_plugin\",\n"
    "  \"version\": \"0.1.0\",\n"
    "  \"type\": \"data_processing\",\n"
    "  \"actions\": [{\"name\": \"hello\", \"idempotent\": true}]\n"
    "}\n";
