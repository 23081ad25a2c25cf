// What the sections of a report are made of.
#pragma once

#include <string>

#include "native/robustness_run.h"

namespace inoculate {

/// A model's name, escaped, and kept from turning the text around it.
std::string name_of(const JudgedModel& model);

/// "<p>html</p>", with a class of the page's style if one is given.
std::string paragraph(const std::string& html, const std::string& kind = "");
std::string heading(const std::string& words);
std::string section(const std::string& html);

std::string epsilon_words(const RobustnessRun& run);

/// The worst case of each model in large figures.
std::string verdict_figures(const RobustnessRun& run);

/// The table of what each model withstands of each attack.
std::string accuracy_section(const RobustnessRun& run);

/// The curves over epsilon, wide and narrow, with legend and figures.
std::string curve_section(const RobustnessRun& run);

}  // namespace inoculate
