// The command `inoculate`, all but its main(): in packages it is a shared library, of which there
// is a copy for each level of x86-64 processors (cmake/Install.cmake).
#pragma once

#if defined(__GNUC__)
#define INOCULATE_EXPORT __attribute__((visibility("default")))
#else
#define INOCULATE_EXPORT
#endif

namespace inoculate {

/// Does what the arguments ask for. Returns the exit code of the process.
INOCULATE_EXPORT int run_program(int argc, char** argv);

}  // namespace inoculate
