#include "native/shard_run.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <iostream>
#include <system_error>

#include "base/error.h"
#include "base/quote.h"
#include "native/commands.h"
#include "native/interrupt.h"
#include "native/output.h"
#include "native/progress.h"
#include "native/version.h"

namespace inoculate {
namespace {

// A slice of images that is judged faster is followed by one of twice as many: at most about half a
// minute of work is lost, and little time goes into writing.
constexpr double kSecondsASlice = 10;

std::optional<int> positive(std::string_view text) {
  int value = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failure != std::errc{} || end != text.data() + text.size() || value < 1) return {};
  return value;
}

LabelledImages rows_from(const LabelledImages& images, int begin, int count) {
  return {images.images.middleRows(begin, count),
          {images.labels.begin() + begin, images.labels.begin() + begin + count}};
}

// The part as it is in the file, or a new one.
Part begin_part(const ShardRun& run) {
  std::vector<ModelSpec> specs;
  for (const Classifier* model : run.models) specs.push_back(model->spec());
  const ImageRange range = images_of(run.shard, run.run.n);
  const Labels& labels = run.images.labels;
  Part fresh{json_of_run(run.run, specs, run.images, run.shard.of),      build_text(), run.shard,
             {labels.begin() + range.begin, labels.begin() + range.end}, {},           {}};
  std::error_code failure;
  if (!std::filesystem::exists(run.out, failure)) return fresh;
  const std::string otherwise = "; give --out another name, or remove that file";
  Part old;
  try {
    old = read_part(run.out);
  } catch (const Error& error) {
    throw Error(error.what() + otherwise);
  }
  std::string other = difference(old.run.same, fresh.run.same);
  if (old.shard.number != run.shard.number) {
    other = "it is part " + std::to_string(old.shard.number);
  } else if (other.empty() && old.labels != fresh.labels) {
    other = "its labels are others";
  }
  if (!other.empty()) {
    throw Error(run.out.string() + ": is of another run: " + other + otherwise);
  }
  for (std::size_t i = 0; i < old.models.size(); ++i) old.models[i].spec = specs[i];
  if (old.build.find(fresh.build) == std::string::npos) old.build += " and " + fresh.build;
  return old;
}

// Judges the images of the part that model number `i` has not had yet.
void judge_images_of(const ShardRun& run, std::size_t i, Part& part, Progress& progress) {
  using Clock = std::chrono::steady_clock;
  const Classifier& model = *run.models[i];
  const ImageRange range = images_of(run.shard, run.run.n);
  const int total = range.end - range.begin;
  const bool begins = i == part.models.size();
  int done = begins ? 0 : static_cast<int>(part.models[i].outcomes.read.size());
  const auto kept = [&] {
    return "interrupted; " + run.out.string() + " keeps " + std::to_string(done) + " of " +
           std::to_string(total) + " images of " + run.names[i] +
           (part.models.empty() ? "; the same command begins again" : "; the same command goes on");
  };
  progress.begin("part " + std::to_string(run.shard.number) + "/" + std::to_string(run.shard.of) +
                 " " + run.names[i]);
  int count = std::max(1, model.spec().images_at_once);
  while (done < total) {
    const auto start = Clock::now();
    const int begin = range.begin + done, n = std::min(count, total - done);
    Findings findings;
    try {
      findings = find_outcomes(model, rows_from(run.images, begin, n), begin, run.run,
                               run.graphs.empty() ? nullptr : run.graphs[i],
                               [&](const std::string&, std::int64_t, std::int64_t) {
                                 return !InterruptGuard::interrupted();
                               });
    } catch (const Interrupted&) {
      throw Interrupted(kept());
    }
    if (i == part.models.size()) {
      part.models.push_back(std::move(findings));
    } else {
      append(part.models[i], findings);
    }
    done += n;
    write_part(run.out, part, run.run);
    progress.step(done, total);
    if (InterruptGuard::interrupted() && done < total) throw Interrupted(kept());
    if (std::chrono::duration<double>(Clock::now() - start).count() < kSecondsASlice) {
      count = std::min(2 * count, images_in_slice(model.spec()));
    }
  }
  progress.done(std::to_string(total) + " images");
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const std::string_view all = text;
  if (slash != std::string::npos) {
    const auto number = positive(all.substr(0, slash)), of = positive(all.substr(slash + 1));
    if (number && of && *number <= *of) return {*number, *of};
  }
  throw UsageError("--shard: " + quote(text) +
                   " is no part; write 3/8 for the third of 8, counted from 1");
}

void require_parts(const RobustnessRun& run, const Shard& shard) {
  for (const JudgedAttack& attack : run.suite) {
    if (!attack.method->heeds(kTogetherBit)) continue;
    throw UsageError("--shard: an adversary of " + std::string(attack.method->name) +
                     " depends on the other images, so parts would not have the figures of the "
                     "whole; leave it out of --attacks, or judge all images at once");
  }
  if (shard.of > run.n) {
    throw UsageError("--shard: there are only " + std::to_string(run.n) + " images for " +
                     std::to_string(shard.of) + " parts");
  }
}

bool judge_part(const ShardRun& run) {
  Part part = begin_part(run);
  if (is_finished(part, run.models.size())) return false;
  const InterruptGuard guard;
  Progress progress(std::cerr, stderr_style());
  if (!part.models.empty()) {
    tell_note(run.out.string() + ": goes on with " +
              std::to_string(part.models.back().outcomes.read.size()) + " of " +
              std::to_string(part.labels.size()) + " images of " +
              run.names[part.models.size() - 1]);
  }
  for (std::size_t i = 0; i < run.models.size(); ++i) {
    const bool is_judged =
        i < part.models.size() && part.models[i].outcomes.read.size() == part.labels.size();
    if (!is_judged) judge_images_of(run, i, part, progress);
    progress.pause();
    if (run.shard.number != 1 || part.signs.size() > i) continue;
    const Classifier& model = *run.models[i];
    const auto& [images, labels] = run.images;
    part.signs.push_back({look_at(model, images, labels, run.run.judging),
                          find_better_reading(model, examples_of(images, labels))});
    write_part(run.out, part, run.run);
  }
  return true;
}

}  // namespace inoculate
