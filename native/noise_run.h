// What a model reads in pictures of noise, over means and deviations.
//
// J. Langr and V. Bok, "GANs in Action", chapter 10: figures 10.5 and 10.8, and the listing that
// writes a CSV.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "data/bytes.h"
#include "evaluate/interval.h"
#include "evaluate/noise_pictures.h"
#include "model/classifier.h"
#include "native/guesses.h"
#include "native/progress.h"
#include "pictures/canvas.h"

namespace inoculate {

/// When the noise is clipped to 0..255: as any picture is, or, as the book does it, once
/// preprocessing is done, where values are no longer levels of pixels.
enum class NoiseClip { kBefore, kAfter };

struct NoiseRun {
  std::vector<NoiseLevel> levels;
  int draws = 1;  ///< pictures of each level, at least 1
  int top = 20;   ///< classes that are told of each picture, at least 1
  NoiseClip clip = NoiseClip::kBefore;
  std::uint64_t seed = 1;
};

/// What was read at one level.
struct NoiseReading {
  NoiseLevel level;
  std::vector<std::vector<Guess>> guesses;  ///< of each draw, likeliest first

  /// The mean over the draws of the highest confidence.
  double confidence() const;
  /// Its 95 % interval (Student's t), with two draws or more.
  std::optional<Interval> interval() const;
};

/// Means and deviations in pairs, the first with the first, as Python's zip joins them: as many as
/// the shorter list has. With `grid` every mean with every deviation.
std::vector<NoiseLevel> noise_levels(const std::vector<double>& means,
                                     const std::vector<double>& sigmas, bool grid);

/// What each channel of a picture is clipped to. For kAfter those values that its preprocessing
/// turns into 0 and 255, since it is a line.
ChannelRanges noise_ranges(const Classifier& model, NoiseClip clip);

/// Draw `draw` of level number `level`, clipped: [1, input].
Matrix noise_picture(const Classifier& model, const NoiseRun& run, std::size_t level, int draw);

/// Asks the model about all of them. Throws Error where it does not tell as many probabilities as
/// are wanted, and Interrupted on Ctrl-C.
std::vector<NoiseReading> read_noise(const Classifier& model, const NoiseRun& run,
                                     Progress& progress);

/// id,class,prediction,sigma,mu: a row for each class told, and of several draws which. The id is
/// the WordNet number that a class's name begins with ("n01440764 tench"), else the class's number.
Bytes noise_csv(const ModelSpec& model, const NoiseRun& run,
                const std::vector<NoiseReading>& readings);

/// sigma,mu,max: a row for each level; of several draws with the interval's ends.
Bytes noise_summary(const std::vector<NoiseReading>& readings);

/// The first draws of at most `most` levels, evenly chosen, with what is read in them. The model's
/// images must be such as a sheet shows (native/results.h).
Canvas noise_sheet(const Classifier& model, const NoiseRun& run,
                   const std::vector<NoiseReading>& readings, std::size_t most = 60);

/// The readings in a few lines.
std::string noise_words(const ModelSpec& model, const NoiseRun& run,
                        const std::vector<NoiseReading>& readings);

}  // namespace inoculate
