// Texts of the digits' room, in English: what the page says of itself, and what it refuses. See
// panels.h.
#pragma once

#include <string>

#include "web/texts/printed.h"

namespace inoculate::texts {

inline constexpr const char* percent_below = "<0.1 %";
inline constexpr const char* percent_above = ">99.9 %";
inline std::string percent(double value) { return printed("%.1f %%", value); }
inline std::string guess(int digit, const std::string& how_sure) {
  return printed("%d (%s)", digit, how_sure.c_str());
}

// Titles of networks that do not come with the page.
inline constexpr const char* inoculated_network = "Inoculated";
inline constexpr const char* loaded_network = "Loaded";
inline std::string loaded_from(const std::string& file) {
  return printed("Read from %s.", file.c_str());
}
/// What a weights file says of its making.
inline std::string inoculated_from(const std::string& network) {
  return printed("Inoculate's page, from %s", network.c_str());
}

/// How things are; each may be followed by others.
namespace state {

inline constexpr const char* loading = "Loading the network.";
inline constexpr const char* empty_pad = "The pad is empty. Draw a digit, or take one.";
inline std::string reads(const std::string& guesses) {
  return printed("The network reads %s.", guesses.c_str());
}
inline std::string being_attacked(const char* method) {
  return printed("It is being attacked by %s.", method);
}

}  // namespace state

/// What an attack did. `how` is one of the first, as part of a sentence.
namespace outcome {

inline constexpr const char* line_drawn = "with a line drawn through it";
inline constexpr const char* stroke_drawn = "with one stroke drawn through it";
inline constexpr const char* turned = "turned and shifted a little";
inline std::string pixels_changed(int count) { return printed("with %d pixels changed", count); }
inline std::string l2(float size) {
  return printed("by a change of L2 size %.3f", static_cast<double>(size));
}
inline std::string linf(float size) {
  return printed("with no pixel changed by more than %.3f", static_cast<double>(size));
}
inline std::string after_queries(const std::string& how, int count) {
  return printed("%s, after %d queries", how.c_str(), count);
}

inline constexpr const char* no_line_yet =
    "Draw a line through the adversary to attack it by hand.";
inline std::string misread_anyway(const std::string& read) {
  return printed("The network misreads this picture even without an attack; attacked, it reads %s.",
                 read.c_str());
}
inline std::string fooled(const std::string& read, int label, const std::string& how) {
  return printed("Fooled: it now reads %s instead of %d, %s.", read.c_str(), label, how.c_str());
}
inline std::string undone(const std::string& read, const std::string& how) {
  return printed(
      "Fooled, but only before it is rounded to 256 grey levels: as a saved picture it reads %s, "
      "%s.",
      read.c_str(), how.c_str());
}
inline std::string not_target(int target, const std::string& read, const std::string& how) {
  return printed("Not read as %d: it reads %s, %s.", target, read.c_str(), how.c_str());
}
inline std::string not_fooled(const std::string& read, const std::string& how) {
  return printed("Not fooled: it still reads %s, %s.", read.c_str(), how.c_str());
}

inline constexpr const char* misread = "The network misreads it.";
inline constexpr const char* noise_disturbs_little =
    "Beside it is random noise of the same size, which hardly disturbs the network. The direction "
    "matters.";
inline constexpr const char* noise_misleads =
    "Beside it is random noise of the same size, which misleads the network too. At a smaller "
    "epsilon only the direction does.";

inline constexpr const char* no_epsilon_needed =
    "Epsilon 0: the network misreads this picture without any attack.";
inline std::string smallest_epsilon(float epsilon, int levels) {
  return printed(
      "Epsilon %.3f is enough, as a saved picture too: no pixel changes by more than %d of 255 "
      "grey levels.",
      static_cast<double>(epsilon), levels);
}
inline constexpr const char* no_epsilon_enough =
    "No epsilon up to 0.5 is enough: this attack does not fool the network on this picture.";

}  // namespace outcome

/// The sheet, a picture to save: its title, and how the attack was set, part after part.
namespace sheet {

inline constexpr const char* title = "An adversarial example";
inline constexpr const char* line = "A line drawn by hand";
inline std::string epsilon(float value) {
  return printed("L-inf, epsilon %.3f", static_cast<double>(value));
}
inline std::string steps(int count) { return printed("%d steps", count); }
inline std::string queries(int count) { return printed("%d queries", count); }
inline std::string pixels(int count) { return printed("%d pixels", count); }
inline std::string towards(int digit) { return printed("towards %d", digit); }

}  // namespace sheet

/// What was done, or cannot be done.
namespace notices {

// The pad, and files of digits.
inline std::string on_the_pad(const std::string& file, const std::string& how) {
  return printed("%s is on the pad: %s.", file.c_str(), how.c_str());
}
inline constexpr const char* as_it_is = "as it is";
inline constexpr const char* divided = "its 0 to 255 divided by 255";
inline constexpr const char* rounded = "rounded to 256 levels";
inline std::string image_of(int number, int last, const std::string& how) {
  return printed("image %d of 0 to %d, %s", number, last, how.c_str());
}
inline constexpr const char* no_more_ink =
    "No more can be drawn: there are as many lines as a link can hold. Undo some, or clear them.";

// Attacks.
inline std::string own_class(int digit) {
  return printed("The target, %d, is what the picture shows. Choose another digit.", digit);
}
inline constexpr const char* attack_stopped = "The attack was stopped.";

// Inoculation.
inline constexpr const char* no_network = "The network has not arrived yet. Please try again.";
inline constexpr const char* no_digits = "The digits have not arrived yet. Please try again.";
inline constexpr const char* running_already = "An inoculation is running already.";
inline constexpr const char* running = "An inoculation is running. Stop it first.";
inline constexpr const char* begun = "Inoculation has begun.";
inline constexpr const char* paused = "Inoculation is paused.";
inline constexpr const char* resumed = "Inoculation has resumed.";
inline constexpr const char* stopped = "Inoculation was stopped; the network is as it was before.";
/// Accuracies before and after it, of the digits, the old adversaries and new ones.
inline std::string inoculated(int count, const std::string& clean_before,
                              const std::string& clean_after, const std::string& replayed_before,
                              const std::string& replayed_after, const std::string& fresh_before,
                              const std::string& fresh_after) {
  return printed(
      "Inoculated. On %d held-out digits: clean %s before, %s after; old adversaries replayed %s "
      "before, %s after. A fresh attack on the new weights: %s before, %s after. ",
      count, clean_before.c_str(), clean_after.c_str(), replayed_before.c_str(),
      replayed_after.c_str(), fresh_before.c_str(), fresh_after.c_str());
}

// Weights, files and links.
inline std::string restored(const std::string& network) {
  return printed("The network has its original weights again: %s.", network.c_str());
}
inline std::string weights_in_use(const std::string& file) {
  return printed("The weights of %s are in use.", file.c_str());
}
inline std::string weights_saved(const std::string& file) {
  return printed("The weights were saved as %s.", file.c_str());
}
inline std::string adversary_saved(const std::string& file) {
  return printed("The adversary was saved as %s.", file.c_str());
}
inline std::string digit_saved(const std::string& file) {
  return printed("The digit was saved as %s.", file.c_str());
}
inline std::string sheet_saved(const std::string& file) {
  return printed("The sheet was saved as %s.", file.c_str());
}
inline constexpr const char* link_copied =
    "A link to this drawing and attack is in the address bar and on the clipboard.";
inline constexpr const char* link_not_copied =
    "A link to this drawing and attack is in the address bar: copy it from there. The browser did "
    "not let the page write to the clipboard.";

}  // namespace notices

/// Files and links that cannot be used, and what else is damaged. What is named is part of them.
namespace refusals {

inline constexpr const char* digits_images = "the digits' images";
inline constexpr const char* digits_labels = "the digits' labels";
inline constexpr const char* laboratory = "the laboratory";
inline std::string not_for_digits(const std::string& file) {
  return printed("%s: not a network for 28 x 28 pixels and ten digits", file.c_str());
}
inline std::string weights_too_large(const std::string& file) {
  return printed("%s: too large for a weights file", file.c_str());
}
inline constexpr const char* answer_not_finite =
    "the network's answer is not finite: its weights are too large to compute with";
inline std::string size_of_images(const std::string& file, int rows, int columns) {
  return printed(
      "%s: its images are of %d x %d pixels, and the networks here read 28 x 28; resize them as "
      "MNIST's were",
      file.c_str(), rows, columns);
}
inline std::string no_such_image(const std::string& file, int number, int last) {
  return printed("%s: has no image %d; they are 0 to %d", file.c_str(), number, last);
}
inline std::string only_one_image(const std::string& file, int number) {
  return printed("%s: has no image %d; it holds one, number 0", file.c_str(), number);
}
inline constexpr const char* no_array_open = "no array of digits is open";
inline std::string no_such_digit(int index, int count) {
  return printed("there is no digit %d among the page's %d", index, count);
}
inline constexpr const char* too_many_strokes = "the pad cannot hold so many strokes";
inline constexpr const char* no_network = "the network has not arrived yet";
inline constexpr const char* no_window = "no window";
inline constexpr const char* no_opengl = "no OpenGL ES 2";

inline constexpr const char* link_too_long = "link: it is too long";
inline constexpr const char* link_damaged = "link: it is damaged";
inline constexpr const char* link_foreign = "link: it was not made by this page";
inline constexpr const char* link_digit = "link: its digit is not a number";
inline constexpr const char* link_picture = "link: its picture does not have 28 x 28 pixels";
inline constexpr const char* link_cut_off = "link: its strokes are cut off";
inline constexpr const char* link_strokes = "link: it has too many strokes";
inline constexpr const char* link_points = "link: its strokes have too many points";
inline constexpr const char* link_ink = "link: its strokes are too long";
inline constexpr const char* link_stroke_width = "link: a stroke has no width";
inline constexpr const char* link_stroke_wide = "link: a stroke is wider than the pen";
inline constexpr const char* link_stroke_points = "link: a stroke has no points";

}  // namespace refusals

/// Messages between the page and its workers that are not as they must be.
namespace messages {

inline constexpr const char* damaged =
    "The message lacks something that it needs, or has it in another form.";
inline constexpr const char* attacker_damaged = "the attacker's answer is damaged";
inline constexpr const char* no_digits = "digits: this is not a list of digits";
inline constexpr const char* label_above_9 = "digits: a label is above 9";
inline std::string unknown_kind(const std::string& kind) {
  return printed("The laboratory does not know %s.", kind.c_str());
}
inline constexpr const char* network_number = "attack: its network is not a number below 100";
inline constexpr const char* network_not_sent = "attack: its network has not been sent";
inline constexpr const char* no_settings = "settings are missing";
inline constexpr const char* line_by_hand = "a line is drawn by hand";
inline constexpr const char* picture_size = "the picture does not have 28 x 28 pixels";

}  // namespace messages

/// What scripts, and links with their settings, are told: `what` is their function's name.
namespace scripts {

inline std::string about(const std::string& what, const std::string& problem) {
  return printed("%s: %s", what.c_str(), problem.c_str());
}
inline std::string no_such_function(const std::string& name) {
  return printed("window.inoculate has no function %s", name.c_str());
}
inline constexpr const char* stopped = "stopped";
inline constexpr const char* attack_stopped = "attack: it was stopped";
inline constexpr const char* attack_replaced = "attack: another request has replaced it";
inline constexpr const char* attack_empty_pad = "attack: the pad is empty";
inline std::string own_class(int digit) {
  return printed("attack: the target, %d, is what the picture shows; choose another digit", digit);
}
inline constexpr const char* set_image = "setImage: give 784 bytes, 28 rows of 28 pixels";
inline std::string save_format(const std::string& given) {
  return printed("saveImage: format must be png, npy or idx, and is %s", given.c_str());
}
inline std::string save_what(const std::string& given) {
  return printed("saveImage: what must be adversary or digit, and is %s", given.c_str());
}
inline std::string save_nothing(const std::string& what) {
  return printed("saveImage: there is no %s yet", what.c_str());
}
inline std::string index_of_digit(const char* what) {
  return printed("%s: give a whole number, the index of a digit", what);
}
inline constexpr const char* open_link = "openLink: give the link's fragment";

// Settings, which are named by their keys.
inline std::string not_json(const char* why) { return printed("what was given %s", why); }
inline constexpr const char* not_object = "settings must be an object";
inline std::string unknown_key(const std::string& key) {
  return printed("there is no setting %s", key.c_str());
}
inline std::string not_number(const char* key) { return printed("%s must be a number", key); }
inline std::string out_of_range(const char* key, double low, double high) {
  return printed("%s must be from %g to %g", key, low, high);
}
inline std::string not_whole(const char* key, long long low, long long high) {
  return printed("%s must be a whole number from %lld to %lld", key, low, high);
}
inline std::string not_boolean(const char* key) { return printed("%s must be true or false", key); }
inline std::string not_string(const char* key) { return printed("%s must be a string", key); }
inline std::string not_list(const char* key, std::size_t most) {
  return printed("%s must be a list of 1 to %zu numbers", key, most);
}
inline std::string method(const std::string& names) {
  return printed("method must be one of%s", names.c_str());
}
inline constexpr const char* loss = "loss must be crossentropy or mse";
inline constexpr const char* no_epsilons = "epsilons are missing";
inline constexpr const char* epsilons_order = "epsilons must be in ascending order";
inline std::string no_such_control(const std::string& name) {
  return printed("there is no %s now", name.c_str());
}
inline std::string control_disabled(const std::string& label) {
  return printed("%s cannot be used now", label.c_str());
}
inline std::string control_value(const std::string& label) {
  return printed("%s has no such value", label.c_str());
}

}  // namespace scripts

}  // namespace inoculate::texts
