#pragma once
#include <string>

// Where the tests find what they need. Only paths.cpp knows the machine's own paths, so that
// another folder of the project need not compile every test anew.
std::string in_source(const std::string& path);  // of the project: in_source("/assets")
std::string in_sample(const std::string& path);  // of the sample of MNIST
std::string command_path();                      // of the built `inoculate`; natively alone
