#include "native/noise_run.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/error.h"
#include "base/quote.h"
#include "model/preprocessed.h"
#include "native/commands.h"
#include "native/csv_cell.h"
#include "native/interrupt.h"
#include "native/results.h"
#include "native/text.h"
#include "pictures/gallery.h"

namespace inoculate {
namespace {

void require_probabilities(const ModelSpec& model, int top) {
  if (model.gives >= Knowledge::kProbabilities) return;
  if (model.gives == Knowledge::kTopProbability && top == 1) return;
  if (model.gives == Knowledge::kTopProbability) {
    throw Error(model.name + ": gives the probability of its best class alone; take --top 1");
  }
  throw Error(model.name +
              ": gives labels and no probabilities, so how sure it is of noise cannot be told");
}

double top_confidence(const std::vector<Guess>& guesses) {
  return static_cast<double>(guesses.front().confidence);
}

// The highest confidences of all pictures.
std::vector<double> confidences(const std::vector<NoiseReading>& readings) {
  std::vector<double> all;
  for (const NoiseReading& reading : readings) {
    for (const auto& guesses : reading.guesses) all.push_back(top_confidence(guesses));
  }
  return all;
}

// "n01440764 tench" as its WordNet number and the rest; other names as the number of the class.
std::pair<std::string, std::string> id_and_name(const ModelSpec& model, int number) {
  const std::string name = class_name(model, number);
  constexpr std::size_t kDigits = 8;
  const bool numbered = name.size() > kDigits && name[0] == 'n' &&
                        std::all_of(name.begin() + 1, name.begin() + 1 + kDigits,
                                    [](unsigned char c) { return std::isdigit(c) != 0; }) &&
                        (name.size() == kDigits + 1 ||
                         std::isalnum(static_cast<unsigned char>(name[kDigits + 1])) == 0);
  if (!numbered) return {std::to_string(number), name};
  const std::size_t rest = name.find_first_not_of(" :,_-\t", kDigits + 1);
  return {name.substr(0, kDigits + 1), rest == std::string::npos ? name : name.substr(rest)};
}

Bytes bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

std::string level_cells(const NoiseLevel& level) {
  return exact(level.sigma) + "," + exact(level.mean);
}

}  // namespace

double NoiseReading::confidence() const {
  double sum = 0;
  for (const auto& draw : guesses) sum += top_confidence(draw);
  return sum / static_cast<double>(guesses.size());
}

std::optional<Interval> NoiseReading::interval() const {
  if (guesses.size() < 2) return std::nullopt;
  const Interval wide = mean_interval(confidences({*this}));
  return Interval{std::max(0.0, wide.low), std::min(1.0, wide.high)};
}

std::vector<NoiseLevel> noise_levels(const std::vector<double>& means,
                                     const std::vector<double>& sigmas, bool grid) {
  std::vector<NoiseLevel> levels;
  for (std::size_t i = 0; i < means.size(); ++i) {
    if (!grid && i >= sigmas.size()) break;
    for (std::size_t k = grid ? 0 : i; k < (grid ? sigmas.size() : i + 1); ++k) {
      levels.push_back({means[i], sigmas[k]});
    }
  }
  return levels;
}

ChannelRanges noise_ranges(const Classifier& model, NoiseClip clip) {
  if (clip == NoiseClip::kBefore) return {model.spec().range};
  constexpr float kWhite = 255;
  const auto* prepares = dynamic_cast<const PreprocessedClassifier*>(&model);
  if (prepares == nullptr) return {{0, kWhite}};
  const int channels = model.spec().input.c;
  const ChannelMap map = channel_map(prepares->preprocessing(), channels);
  ChannelRanges ranges(static_cast<std::size_t>(channels));
  for (std::size_t c = 0; c < map.from.size(); ++c) {
    const float a = -map.shift[c] / map.scale[c], b = (kWhite - map.shift[c]) / map.scale[c];
    ranges[static_cast<std::size_t>(map.from[c])] = {std::min(a, b), std::max(a, b)};
  }
  return ranges;
}

Matrix noise_picture(const Classifier& model, const NoiseRun& run, std::size_t level, int draw) {
  Matrix image = noise_images(model.spec().input, run.levels[level],
                              static_cast<int>(level) * run.draws + draw, 1, run.seed);
  clip_channels(image, noise_ranges(model, run.clip));
  return image;
}

std::vector<NoiseReading> read_noise(const Classifier& model, const NoiseRun& run,
                                     Progress& progress) {
  const ModelSpec& spec = model.spec();
  require_probabilities(spec, run.top);
  const ChannelRanges ranges = noise_ranges(model, run.clip);
  const int at_once = images_in_slice(spec);
  const auto levels = static_cast<std::int64_t>(run.levels.size());
  const InterruptGuard guard;
  progress.begin("Noise");
  std::vector<NoiseReading> readings;
  for (std::size_t i = 0; i < run.levels.size(); ++i) {
    NoiseReading reading{run.levels[i], {}};
    for (int begin = 0; begin < run.draws; begin += at_once) {
      const int n = std::min(at_once, run.draws - begin);
      Matrix images = noise_images(spec.input, run.levels[i],
                                   static_cast<int>(i) * run.draws + begin, n, run.seed);
      clip_channels(images, ranges);
      for (auto& guesses : likeliest_classes(model.logits(images), run.top)) {
        reading.guesses.push_back(std::move(guesses));
      }
      if (InterruptGuard::interrupted()) throw Interrupted("interrupted; nothing was written");
    }
    readings.push_back(std::move(reading));
    progress.step(static_cast<std::int64_t>(i) + 1, levels);
  }
  progress.done(std::to_string(levels * run.draws) + " pictures");
  return readings;
}

Bytes noise_csv(const ModelSpec& model, const NoiseRun& run,
                const std::vector<NoiseReading>& readings) {
  const bool several = run.draws > 1;
  std::string csv = "id,class,prediction,sigma,mu";
  csv += several ? ",draw\n" : "\n";
  for (const NoiseReading& reading : readings) {
    for (std::size_t draw = 0; draw < reading.guesses.size(); ++draw) {
      for (const Guess& guess : reading.guesses[draw]) {
        const auto [id, name] = id_and_name(model, guess.label);
        csv += id + "," + csv_cell(name) + "," + exact(guess.confidence) + "," +
               level_cells(reading.level) + (several ? "," + std::to_string(draw) : "") + "\n";
      }
    }
  }
  return bytes_of(csv);
}

Bytes noise_summary(const std::vector<NoiseReading>& readings) {
  const bool several = readings.front().guesses.size() > 1;
  std::string csv = several ? "sigma,mu,max,low,high\n" : "sigma,mu,max\n";
  for (const NoiseReading& reading : readings) {
    csv += level_cells(reading.level) + "," + fixed(reading.confidence(), 6);
    if (const auto interval = reading.interval()) {
      csv += "," + fixed(interval->low, 6) + "," + fixed(interval->high, 6);
    }
    csv += "\n";
  }
  return bytes_of(csv);
}

Canvas noise_sheet(const Classifier& model, const NoiseRun& run,
                   const std::vector<NoiseReading>& readings, std::size_t most) {
  const ModelSpec& spec = model.spec();
  Gallery gallery;
  gallery.title = "What is read in noise";
  gallery.form = sheet_form(spec).value();
  const std::size_t shown = std::min(most, readings.size());
  for (std::size_t k = 0; k < shown; ++k) {
    const std::size_t i = k * readings.size() / shown;
    const Matrix image = noise_picture(model, run, i, 0);
    const Guess& best = readings[i].guesses.front().front();
    gallery.items.push_back(
        {{image.data(), image.data() + image.size()},
         {printable(class_name(spec, best.label)), percent(static_cast<double>(best.confidence)),
          "μ " + number(readings[i].level.mean) + ", σ " + number(readings[i].level.sigma)}});
  }
  gallery.footer = spec.name + "; Gaussian noise in levels of 0..255, clipped " +
                   (run.clip == NoiseClip::kBefore ? "before" : "after") + " preprocessing; seed " +
                   std::to_string(run.seed) + "; " + std::to_string(shown) + " of " +
                   std::to_string(readings.size()) + " levels" +
                   (run.draws > 1 ? ", the first draw of each" : "");
  return draw_gallery(gallery);
}

std::string noise_words(const ModelSpec& model, const NoiseRun& run,
                        const std::vector<NoiseReading>& readings) {
  const std::vector<double> all = confidences(readings);
  const auto [least, largest] = std::minmax_element(all.begin(), all.end());
  double sum = 0;
  for (const double confidence : all) sum += confidence;
  const int pictures = static_cast<int>(all.size());
  std::map<int, int> counts;
  for (const NoiseReading& reading : readings) {
    for (const auto& guesses : reading.guesses) ++counts[guesses.front().label];
  }
  const auto often = std::max_element(counts.begin(), counts.end(),
                                      [](auto& a, auto& b) { return a.second < b.second; });
  std::string words = std::to_string(pictures) + (pictures == 1 ? " picture" : " pictures") +
                      " of noise, " + std::to_string(readings.size()) +
                      " pairs of mean and deviation, clipped to 0..255 " +
                      (run.clip == NoiseClip::kBefore ? "before" : "after") + " preprocessing\n" +
                      "highest confidence      mean " + percent(sum / pictures) + ", from " +
                      percent(*least) + " to " + percent(*largest) + "\n";
  for (const double sure : {0.5, 0.9}) {
    const auto count = std::count_if(all.begin(), all.end(), [&](double c) { return c >= sure; });
    words += "read with " + fixed(100 * sure, 0) + " % or more  " + std::to_string(count) + " of " +
             std::to_string(pictures) + "\n";
  }
  return words + "most often read as      " + class_text(model, often->first) + ", " +
         std::to_string(often->second) + " of " + std::to_string(pictures) + "; " +
         std::to_string(counts.size()) + (counts.size() == 1 ? " class" : " classes") + " in all\n";
}

}  // namespace inoculate
