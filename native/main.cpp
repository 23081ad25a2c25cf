#include "native/program.h"

int main(int argc, char** argv) { return inoculate::run_program(argc, argv); }
