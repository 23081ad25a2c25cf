// The files of a training run: that they can be written before it begins, and how it goes on from
// them.
#pragma once

#include <filesystem>
#include <string>

#include "native/training_run.h"

namespace inoculate {

/// Where a run that is stopped is saved: at --checkpoint, or beside --out.
std::string checkpoint_path(const TrainingCommand& options);

/// check_files() for what the run writes and what it reads. It may go on with the checkpoint that
/// it resumes from, which is then written anew.
void check_training_files(const TrainingCommand& options);

/// The command that goes on with the run saved at `checkpoint`, to paste into a shell: with the
/// epochs and the weights to keep of `options` if it was saved before those were asked for, else
/// without what the checkpoint itself says.
std::string resume_command(const TrainingCommand& options, const CommonOptions& common,
                           const std::string& checkpoint, bool saved_before = false);

}  // namespace inoculate
