// The pieces the panels are made of.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "web/attack/outcome.h"
#include "web/panels/ui.h"

namespace inoculate::page {

/// A title of a panel, and smaller text in a calmer colour, wrapped to the panel's width.
void heading(const Ui& ui, const char* text);
void muted(const Ui& ui, const std::string& text);
void colored(const Ui& ui, ImU32 color, const std::string& text);

/// A button of a given width that can be switched off; `strong` is for the one that matters most.
bool button(const char* label, float width, bool enabled = true, bool strong = false);
/// A button that stops what is under way, and tells how far it is, 0..1.
bool stop_button(float progress, float width);

/// Buttons side by side of which one is chosen. True when the choice changed.
bool segmented(const Ui& ui, const char* id, std::span<const char* const> labels, int& chosen,
               float width);

/// A slider with its name and value above it.
bool slider(const Ui& ui, const char* name, float& value, float low, float high, const char* format,
            float width, bool logarithmic = false);

/// Values in 0..1, of as many rows as columns, as greys of `tint` in a square of `side` on the
/// screen with its corner at `at`; see Pixels for `smooth`.
void draw_greys(Ui& ui, ImVec2 at, float side, const std::vector<float>& values,
                bool smooth = false, ImU32 tint = IM_COL32_WHITE);
/// The change between two pictures: brighter than before in one colour, darker in another, `factor`
/// times as strong as it is.
void draw_change(Ui& ui, ImVec2 at, float side, const Picture& from, const Picture& to,
                 float factor);

/// Ten bars with digit and probability, `height` high; the bar of `label` is calm, that of a wrong
/// best guess alarming.
void probability_bars(const Ui& ui, const Reading& reading, int label, ImVec2 at, ImVec2 size);
/// The `count` best guesses, the first as above, one below the other; each, with its bar under it,
/// in a `line` of width and height.
void best_guesses(const Ui& ui, const Reading& reading, int label, int count, ImVec2 line);

struct ChartLine {
  ImU32 color = 0;
  std::vector<float> x, y;
  float thickness = 2;
  std::string name{};                ///< shown at the line's end if not empty
  std::vector<float> low{}, high{};  ///< an interval around each y, shaded
};

/// Lines over axes that begin at 0.
struct Chart {
  std::vector<ChartLine> lines;
  float x_max = 1;
  float y_max = 1;
  std::string x_label;
  std::vector<std::pair<float, std::string>> x_ticks;
  bool percent = true;            ///< y is a share; otherwise a plain number
  std::optional<float> marker{};  ///< a vertical line
};
void draw_chart(const Ui& ui, const Chart& chart, ImVec2 at, ImVec2 size);

}  // namespace inoculate::page
