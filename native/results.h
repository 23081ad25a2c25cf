// Results as JSON, and attacked images, in the one form that all sub-commands share.
#pragma once

#include <string>
#include <vector>

#include "attack/fgsm.h"
#include "attack/registry.h"
#include "evaluate/accuracy.h"
#include "native/commands.h"
#include "pictures/sheet.h"

namespace inoculate {

/// What a sheet can show.
inline constexpr Shape kSheetShape{28, 28, 1};

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

/// One sheet entry for each class, as far as there are images: the first that the model reads
/// right. None where the images are not the grey 28 x 28 ones that a sheet shows.
std::vector<SheetEntry> sheet_entries(const Classifier& model, ConstMatrixRef images,
                                      ConstMatrixRef adversaries, const Labels& labels);

}  // namespace inoculate
