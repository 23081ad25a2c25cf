#include "native/commands.h"
namespace inoculate {
void add_reproduce(CLI::App&, CommonOptions&) {}
}  // namespace inoculate
