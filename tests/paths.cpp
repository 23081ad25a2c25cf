#include "paths.h"

std::string in_source(const std::string& path) { return INOCULATE_SOURCE_DIR + path; }
std::string in_sample(const std::string& path) { return INOCULATE_SAMPLE_DIR + path; }
#ifdef INOCULATE_COMMAND
std::string command_path() { return INOCULATE_COMMAND; }
#endif
