// What all sub-commands say in the same way: notes, and results as JSON.
#pragma once

#include <string>

#include "native/commands.h"

namespace inoculate {

/// Tells something that the user ought to know and that is no failure: a line on stderr, and later
/// an entry of "notes" in the object that print_object prints.
void tell_note(const std::string& note);

/// The same of something that makes the results doubtful: an entry of "warnings".
void tell_warning(const std::string& warning);

/// Prints `json` as one line on stdout, with "notes" and "warnings" where some were told. Text in
/// it that is no UTF-8 (paths) has replacement characters.
void print_object(Json json);

}  // namespace inoculate
