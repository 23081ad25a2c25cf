#include "native/progress.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <utility>

namespace inoculate {
namespace {

constexpr double kSecondsBetweenDraws = 0.05;
constexpr int kNarrowestBar = 5;  // Cells between the brackets; narrower says nothing.
constexpr int kWidestBar = 30;
constexpr const char* kBarColour = "\033[32m";
constexpr const char* kNoColour = "\033[0m";

std::string format(const char* pattern, double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), pattern, value);
  return text.data();
}

/// A loss or accuracy in few columns, whatever became of the training.
std::string metric_text(double value) {
  return std::abs(value) < 1000 ? format("%.4f", value) : format("%.3g", value);
}

std::string score_text(const Score& score) {
  return "  loss " + metric_text(score.loss) + "  accuracy " + metric_text(score.accuracy);
}

bool is_set(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

/// A length of time that changes while one looks: steadier than duration_text.
std::string running_text(double seconds) {
  return seconds < 59.95 ? format("%.1f s", seconds) : duration_text(seconds);
}

/// `cells` cells of a bar: "=====>....", all "=" when done.
std::string bar_text(std::int64_t done, std::int64_t total, int cells) {
  const int filled = total > 0 ? static_cast<int>(cells * done / total) : cells;
  std::string bar(static_cast<std::size_t>(cells), '.');
  std::fill_n(bar.begin(), filled, '=');
  if (filled < cells) bar[static_cast<std::size_t>(filled)] = '>';
  return bar;
}

}  // namespace

ProgressStyle stderr_style() {
  ProgressStyle style;
  const char* terminal = std::getenv("TERM");
  style.live = ::isatty(STDERR_FILENO) != 0 && terminal != nullptr && *terminal != '\0' &&
               std::string_view(terminal) != "dumb";
  style.colour = style.live && !is_set("NO_COLOR");
  winsize size{};
  if (style.live && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    style.columns = size.ws_col;
  }
  return style;
}

std::string duration_text(double seconds) {
  if (!(seconds >= 0)) return "?";
  if (seconds < 9.995) return format("%.2f s", seconds);
  if (seconds < 59.95) return format("%.1f s", seconds);
  constexpr double kLongest = 1e9;
  const auto whole = static_cast<long long>(std::min(seconds, kLongest) + 0.5);
  const long long large = whole < 3600 ? whole / 60 : whole / 3600;
  const long long small = whole < 3600 ? whole % 60 : whole % 3600 / 60;
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), whole < 3600 ? "%lld min %02lld s" : "%lld h %02lld min",
                large, small);
  return text.data();
}

double Progress::steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Progress::Progress(std::ostream& out, ProgressStyle style, Clock clock)
    : out_(out), style_(style), clock_(std::move(clock)) {}

Progress::~Progress() { pause(); }

void Progress::begin_epoch(int epoch, int epochs) {
  begin((style_.live ? "Epoch " : "epoch ") + std::to_string(epoch) + "/" + std::to_string(epochs));
}

void Progress::begin(std::string name) {
  pause();
  name_ = std::move(name);
  start_ = clock_();
  last_drawn_ = -HUGE_VAL;
  complete_drawn_ = false;
}

void Progress::step(std::int64_t done, std::int64_t total) { draw(done, total, std::nullopt); }

void Progress::step(std::int64_t done, std::int64_t total, double loss, double accuracy) {
  draw(done, total, Score{loss, accuracy});
}

void Progress::draw(std::int64_t done, std::int64_t total, const std::optional<Score>& score) {
  if (!style_.live) return;
  const double now = clock_();
  const bool complete = done >= total;
  if (now - last_drawn_ < kSecondsBetweenDraws && (!complete || complete_drawn_)) return;
  last_drawn_ = now;
  complete_drawn_ = complete;

  const std::int64_t shown_done =
      std::clamp<std::int64_t>(done, 0, std::max<std::int64_t>(total, 0));
  const double elapsed = now - start_;
  const std::string before = name_ + "  ";
  // Padded like the total, so that the bar does not change its width as the count grows.
  const std::string all = std::to_string(total);
  std::string count = std::to_string(shown_done);
  count.insert(0, all.size() - std::min(all.size(), count.size()), ' ');
  count = " " + count + "/" + all;
  const std::string metrics = score ? score_text(*score) : "";
  const std::string time = "  " + running_text(elapsed);
  const double steps_left = static_cast<double>(total - shown_done);
  const std::string left =
      shown_done == 0
          ? ""
          : "  left " + running_text(elapsed * steps_left / static_cast<double>(shown_done));

  // The last column stays free: some terminals wrap when it is written. In a narrow one words are
  // left out until the bar has room.
  const int width = style_.columns - 1;
  for (const std::string& after :
       {count + metrics + time + left, count + metrics + left, count + metrics, count}) {
    const int room = width - static_cast<int>(before.size() + after.size()) - 2;
    if (room < kNarrowestBar) continue;
    const int cells = std::min(room, kWidestBar);
    const std::string bar = bar_text(shown_done, total, cells);
    const std::size_t line_width = before.size() + 2 + bar.size() + after.size();
    replace_line(before + "[" + (style_.colour ? kBarColour + bar + kNoColour : bar) + "]" + after,
                 line_width);
    return;
  }
  const std::string bare = (name_ + count).substr(0, static_cast<std::size_t>(std::max(width, 1)));
  replace_line(bare, bare.size());
}

void Progress::replace_line(const std::string& line, std::size_t width) {
  out_ << '\r' << line;
  if (shown_width_ > width) out_ << std::string(shown_width_ - width, ' ');
  out_ << std::flush;
  shown_width_ = width;
}

void Progress::finish(const std::string& line) {
  if (style_.live) {
    replace_line(line, line.size());
    shown_width_ = 0;
    out_ << '\n' << std::flush;
  } else {
    out_ << line << std::endl;
  }
}

void Progress::epoch_done(Score training, std::optional<Score> validation,
                          std::optional<double> worst, const std::string& check) {
  std::string line = name_ + score_text(training);
  if (validation) {
    line +=
        "  validation " + metric_text(validation->loss) + " / " + metric_text(validation->accuracy);
  }
  if (worst) line += "  " + check + " " + metric_text(*worst);
  finish(line + "  " + duration_text(clock_() - start_));
}

void Progress::done(std::string_view result) {
  std::string line = name_ + "  ";
  if (!result.empty()) line.append(result).append("  ");
  finish(line + duration_text(clock_() - start_));
}

void Progress::pause() {
  if (shown_width_ == 0) return;
  shown_width_ = 0;
  out_ << '\n' << std::flush;
}

}  // namespace inoculate
