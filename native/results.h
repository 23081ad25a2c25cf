// Results as JSON, and attacked images, in the one form that all sub-commands share.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "attack/fgsm.h"
#include "attack/registry.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "pictures/sheet.h"

namespace inoculate {

/// n, loss, accuracy and its 95 % interval.
Json to_json(const Evaluation& evaluation);

/// "0.9903 of n = 10000": what the metadata of weights have as "test_accuracy", which
/// promised_accuracy_of() reads.
std::string test_accuracy_text(const Evaluation& clean);

/// "FGSM, L-inf, epsilon 0.1, cross-entropy, clipped to [0, 1]".
std::string describe(const FgsmOptions& options);
/// The same of any method, as far as it heeds the options.
std::string describe(const AttackMethod& method, const ThreatModel& threat,
                     const Criterion& criterion, const AttackOptions& options);

/// How a sheet shows images of the model; nothing where they have neither one channel nor three. A
/// row of 784 numbers is a digit's pixels.
std::optional<ImageForm> sheet_form(const ModelSpec& model);

/// Which images stand on a sheet: of each class the first that the model reads right, or simply the
/// first.
enum class SheetChoice { kEachClass, kFirst };

/// The entries of a sheet, as far as there are images. None where a sheet cannot show them.
std::vector<SheetEntry> sheet_entries(const Classifier& model, ConstMatrixRef images,
                                      ConstMatrixRef adversaries, const Labels& labels,
                                      SheetChoice choice = SheetChoice::kEachClass);

/// A sheet of such entries, whose classes are called as the model calls them.
Sheet sheet_of(const ModelSpec& model, std::string title, std::string footer,
               std::vector<SheetEntry> entries);

}  // namespace inoculate
