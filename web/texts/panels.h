// Every text that a visitor of the digits' room sees or hears, in English, is in this folder: here
// what the panels show and their mirror in HTML tells, in controls.h what can be set, pressed and
// chosen, in sentences.h what the page says. Another language is these three headers in it, and
// web/site/texts.js for what the page's scripts say (docs/page.md). No texts are what core refuses,
// which it says itself in its messages; names of attacks, settings and files, by which scripts and
// links know them; and the ids of ImGui and of the layout.
#pragma once

#include <string>

#include "web/texts/printed.h"

namespace inoculate::texts {

/// The characters of headings and small letters, each from one to another, ended by 0. Every one
/// costs time before the first frame. Sentences have the letters of Western languages besides; what
/// the fonts hold is said in cmake/Dependencies.cmake.
inline constexpr unsigned short letters[] = {0x20, 0x7E, 0xD7, 0xD7, 0x2013, 0x2013, 0};

namespace header {

inline constexpr const char* product = "Inoculate";  // no other letters: see kBrand of theme.cpp
inline constexpr const char* loading = "Loading";
inline constexpr const char* help = "Help";
inline std::string inoculated(const std::string& network) {
  return printed("%s, inoculated", network.c_str());
}

}  // namespace header

/// The panel where digits are drawn and read.
namespace pad {

inline constexpr const char* heading = "1   Draw a digit";
inline constexpr const char* draw_here = "Draw a digit here";
inline constexpr const char* example = "An example. Draw here to replace it.";
inline constexpr const char* to_pen = "Pen";
inline constexpr const char* to_eraser = "Eraser";
inline std::string image_of(const std::string& number, int last) {
  return printed("%s of 0 to %d", number.c_str(), last);
}
inline constexpr const char* loading = "The network is loading.";
inline constexpr const char* nothing_to_read = "Nothing to read yet: the pad is empty.";
inline constexpr const char* what_is_read = "What the network sees and reads:";
inline std::string wrong(int digit) { return printed("It is wrong: the digit is %d.", digit); }

}  // namespace pad

namespace attack {

inline constexpr const char* heading = "2   Attack it";
inline constexpr const char* more = "More attacks";
inline constexpr const char* no_strength =
    "It uses whatever misleads; there is no strength to set.";
inline constexpr const char* nothing_yet =
    "Draw a digit or take one, and it is attacked here as you go.";
inline constexpr const char* attacking = "Attacking ...";
inline constexpr const char* not_attacked = "Not attacked.";
inline std::string stop(float percent) {
  return printed("Stop (%.0f %% done)", static_cast<double>(percent));
}

// Above the pictures, and below that of the change.
inline constexpr const char* original = "Original";
inline std::string change(float factor) {
  return printed("Change \xC3\x97 %.0f", static_cast<double>(factor));
}
inline constexpr const char* adversary = "Adversary";
inline constexpr const char* noise = "Random noise";
inline std::string size(float linf, float l2) {
  return printed("L-inf %.3f\nL2 %.2f", static_cast<double>(linf), static_cast<double>(l2));
}
inline std::string pixels(int count) { return printed("%d pixels", count); }
inline std::string queries(int count) { return printed("%d queries", count); }
inline std::string gradients(int count) { return printed("%d gradients", count); }

// The curves over epsilon, and the networks side by side.
inline constexpr const char* digits = "Digits";
inline constexpr const char* networks = "Networks";
inline std::string read_as(int digit) { return printed("read as %d", digit); }
inline constexpr const char* this_adversary = "this adversary";
inline constexpr const char* attacked_itself = "attacked itself";

}  // namespace attack

namespace inoculation {

inline constexpr const char* heading = "3   Inoculate the network";

// While it runs.
inline constexpr const char* beginning = "Beginning";
inline constexpr const char* measuring_before = "measuring before";
inline constexpr const char* measuring_after = "measuring after";
inline std::string epoch(int number, int of) { return printed("Epoch %d of %d", number, of); }
inline std::string epoch_and_rest(int number, int of, double seconds_left) {
  return printed("Epoch %d of %d, %.0f s left", number, of, seconds_left);
}
inline constexpr const char* loss = "loss";
inline std::string loss_to(float most) {
  return printed("loss (to %.1f)", static_cast<double>(most));
}
inline constexpr const char* accuracy = "accuracy";
inline std::string steps(int count) { return printed("%d steps", count); }

inline constexpr const char* what_it_bought = "What it bought";
inline constexpr const char* arms_race = "Arms race";
inline constexpr const char* over_epsilon = "Over epsilon";

// What it bought: before there is anything to show, and then.
inline constexpr const char* what_is_measured =
    "Inoculation trains the network a little further on adversaries made against it. Here "
    "you see what that bought: its accuracy, before and after, on 1,000 other digits:";
inline constexpr const char* clean = "Clean";
inline constexpr const char* what_clean_is = "the digits as they are.";
inline constexpr const char* replayed = "Replayed";
inline constexpr const char* what_replayed_is =
    "the old adversaries again, which it may have learnt by heart.";
inline constexpr const char* fresh = "Fresh";
inline constexpr const char* what_fresh_is =
    "new ones, made against the new weights. Only these show what it is worth.";
inline constexpr const char* accuracy_in_percent = "accuracy, %";
inline constexpr const char* before = "before";
inline constexpr const char* after = "after";
inline std::string how_measured(int count, float epsilon) {
  return printed(
      "%d held-out digits, FGSM at epsilon %.2f, 95 %% intervals. Replayed adversaries "
      "were made against the old weights and flatter the network; fresh ones show its worth.",
      count, static_cast<double>(epsilon));
}
inline std::string own_picture_fooled(const std::string& reading) {
  return printed("Your own picture, attacked again: fooled, read as %s.", reading.c_str());
}
inline std::string own_picture_holds(const std::string& reading) {
  return printed("Your own picture, attacked again: it holds, read as %s.", reading.c_str());
}

inline constexpr const char* race_clean = "clean";
inline constexpr const char* race_fresh = "fresh attack";
inline constexpr const char* race_start = "start";
inline constexpr const char* race_to_come = "Each inoculation adds a point here.";
inline constexpr const char* race_shown =
    "After each round: clean accuracy, and under a fresh attack at that round's epsilon. Inoculate "
    "again to continue the race.";
inline std::string how_curves_are_measured(int count, int steps_of_pgd) {
  return printed(
      "Accuracy on %d held-out digits, with 95 %% intervals, when PGD of %d steps from "
      "a random start attacks each network within epsilon. A longer attack may fool more.",
      count, steps_of_pgd);
}

}  // namespace inoculation

/// The guided tour, step by step.
namespace tour {

inline constexpr const char* draw =
    "Welcome. Draw a digit on the pad, say a 7, with mouse, finger or pen. Or take one of those "
    "below.";
inline constexpr const char* reading =
    "A small convolutional network reads it as you draw: ten bars, one for each digit. It never "
    "saw these digits in training.";
inline constexpr const char* attack =
    "Now attack it. Move epsilon: each pixel changes by at most that much, in the direction that "
    "makes the network least sure. You still see the same digit.";
inline constexpr const char* no_digit = "Draw a digit, and see it attacked.";
inline constexpr const char* inoculation =
    "Now vaccinate the network: it is trained a little further, here in the page, on adversaries "
    "made against it. Press Inoculate.";
inline constexpr const char* bought =
    "What it bought. Compare replayed, the old adversaries, with fresh, made against the new "
    "weights. Only the fresh attack is an honest test. Then attack your own drawing again.";
inline constexpr const char* next = "Next";
inline constexpr const char* done = "Done";
inline constexpr const char* skip = "Skip";
inline std::string step(int number, int of) { return printed("%d of %d", number, of); }

}  // namespace tour

namespace help {

inline constexpr const char* heading = "Help";
inline constexpr const char* about =
    "An adversarial example is a picture changed so little that you hardly see it, and that a "
    "network misreads. Here everything happens on your machine: nothing you draw leaves it. A "
    "picture of a digit can also be dropped on the page, or pasted, and so can many digits as .npy "
    "or IDX. The command `inoculate` does the same on all of MNIST, and more. The licences lie "
    "beside this page: LICENSE.txt and THIRD_PARTY_NOTICES.txt.";
inline constexpr const char* close = "Close";
inline constexpr const char* tour = "Guided tour";

}  // namespace help

inline constexpr const char* dismiss_notice = "OK";

/// What the mirror, the page as HTML, has beside the controls and sentences.
namespace mirror {

inline constexpr const char* header = "Network and weights";
inline constexpr const char* draw = "Draw a digit";
inline constexpr const char* attack = "Attack it";
inline constexpr const char* inoculation = "Inoculate the network";

inline constexpr const char* pad = "The pad";
inline constexpr const char* empty_pad = "The pad. It is empty: draw a digit";
inline constexpr const char* example_pad = "The pad. It holds an example, until you draw";
inline constexpr const char* probabilities = "What the network reads";
inline constexpr const char* digit = "Digit";
inline constexpr const char* probability = "Probability";

inline constexpr const char* attacking = "Attacking";
inline std::string adversary(const std::string& reading) {
  return printed("Adversary, read as %s", reading.c_str());
}
inline std::string noise(const std::string& reading) {
  return printed("Random noise, read as %s", reading.c_str());
}
inline constexpr const char* networks = "The networks side by side";
inline constexpr const char* network = "Network";
inline constexpr const char* reads_adversary_as = "Reads this adversary as";
inline constexpr const char* attacked_itself = "Attacked itself, reads";
inline constexpr const char* not_known = "not known";

inline std::string what_it_bought(int count) {
  return printed("What it bought: accuracy on %d held-out digits, with 95 %% intervals", count);
}
inline constexpr const char* digits = "Digits";
inline constexpr const char* before = "Before";
inline constexpr const char* after = "After";
inline constexpr const char* clean = "Clean";
inline constexpr const char* replayed = "Old adversaries replayed";
inline constexpr const char* fresh = "Fresh adversaries";
inline std::string with_interval(const std::string& accuracy, double low, double high) {
  return printed("%s (%.1f to %.1f)", accuracy.c_str(), low, high);
}
inline constexpr const char* measuring = "Measuring";
inline constexpr const char* epsilon = "Epsilon";
inline constexpr const char* robust_curves = "Accuracy under PGD, with 95 % intervals";

}  // namespace mirror

}  // namespace inoculate::texts
