// Options of attack that only some methods have: a patch, and the expectation over transformations.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "attack/expectation.h"
#include "attack/method.h"
#include "native/command_line.h"
#include "native/file_options.h"

namespace inoculate {

struct PatchFlags {
  std::string at;   ///< --patch-at
  std::string out;  ///< --patch-out
};

/// Adds --patch-size, --patch-at and --patch-out.
void add_patch_options(Command command, AttackOptions& settings, PatchFlags& flags);

/// Sets what --patch-at says. Throws UsageError when it is no place.
void set_patch_place(AttackOptions& settings, const PatchFlags& flags);

/// Writes the patch of a result as a PNG. Throws Error.
void write_patch(const std::string& path, const AttackResult& result);

struct ExpectationFlags {
  int draws = 0;  ///< --eot; 0: not asked for
  ExpectationOptions changes{};
};

/// Adds --eot and what it may be told.
void add_expectation_options(Command command, ExpectationFlags& flags);

/// The model with gradients over transformations, if they were asked for, else null. The model must
/// outlive it and give gradients.
std::unique_ptr<Expectation> expectation_of(const Classifier& model, const ExpectationFlags& flags,
                                            std::uint64_t seed);

/// Counts in `result` what its gradients over transformations took: each that of all draws.
void count_draws(AttackResult& result, const ExpectationFlags& flags);

/// ", gradients the mean over 10 changes (shift 1, brightness 0.1, noise 0.05)", or nothing.
std::string expectation_text(const ExpectationFlags& flags);

}  // namespace inoculate
