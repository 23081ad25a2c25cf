#include "web/app/app.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/safetensors.h"
#include "picture/prepare.h"
#include "train/model_file.h"
#include "web/app/link.h"
#include "web/app/sentences.h"
#include "web/attack/live_attack.h"
#include "web/lab/laboratory.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

// The name of a file as it is shown, whatever it is: a long one is cut behind a whole character.
std::string shown_name(const std::string& file_name) {
  constexpr std::size_t kLongest = 80;
  if (file_name.size() <= kLongest) return printable(file_name);
  const auto continues = [&](std::size_t at) {
    return (static_cast<unsigned char>(file_name[at]) & 0xC0U) == 0x80U;
  };
  std::size_t end = kLongest;
  while (end > 0 && continues(end)) --end;
  return printable(file_name.substr(0, end)) + "...";
}

// Whether curves over epsilon stay what they are.
bool same_direction(AttackSettings a, const AttackSettings& b) {
  a.epsilon = b.epsilon;
  a.seed = b.seed;
  return a == b;
}

// Saves it as a file of that format. Returns the file's name.
std::string save(const Platform& platform, const std::string& what, const Picture& picture,
                 PictureFormat format) {
  const std::string name = what + file_ending(format);
  platform.save_file(name, picture_file(picture, format));
  return name;
}

}  // namespace

App::App(Platform platform)
    : platform_(std::move(platform)),
      voice_(notice, platform_.announce),
      experiments_(models_, digits_, platform_.to_laboratory, voice_),
      attacker_(models_, platform_.to_attacker, platform_.restart_attacker),
      taking_(1) {}

// --- The picture and the networks.

void App::add_model(const std::string& name, const std::string& title, const std::string& note,
                    ByteView file) {
  models_.add({name, title, note, network_of(parse_safetensors(file, name), name)});
}

void App::set_digits(Dataset digits) {
  digits_ = std::move(digits);
  experiments_.send_digits();
}

bool App::choose_model(std::size_t index) {
  if (experiments_.refuses_other_weights()) return false;
  models_.choose(index);
  experiments_.forget_rounds();
  return true;
}

std::string App::network_title(std::size_t number) const {
  return number < models_.list().size() ? models_.list()[number].title : texts::inoculated_network;
}

void App::take_random_digit(std::optional<int> digit) {
  std::vector<int> choice;
  for (int i = std::max(0, digits_.size() - kHeldOut); i < digits_.size(); ++i) {
    if (!digit || digits_.labels[static_cast<std::size_t>(i)] == *digit) choice.push_back(i);
  }
  if (choice.empty()) return voice_.say(texts::notices::no_digits, true);
  take_digit(choice[taking_.below(static_cast<std::uint32_t>(choice.size()))]);
}

void App::take_digit(int index) {
  if (index < 0 || index >= digits_.size()) {
    throw Error(texts::refusals::no_such_digit(index, digits_.size()));
  }
  Matrix image;
  Labels label;
  const std::int32_t indices[] = {index};
  gather(digits_, indices, image, label);
  pad.take({{image.data(), image.data() + image.size()}, label[0], index});
}

std::string App::open_picture(const ColorPicture& picture, const std::string& file_name) {
  const std::string name = shown_name(file_name);
  PreparedDigit digit = prepare_picture(picture, name);
  voice_.say(texts::notices::on_the_pad(name, digit.how));
  pad.take({std::move(digit.pixels), {}, {}, PictureFile{name, digit.how}});
  return digit.how;
}

std::string App::open_digits(ByteView file, const std::string& file_name, int number) {
  std::optional<DigitFile> opened = read_digit_file(file, shown_name(file_name));
  opened.swap(digit_file_);
  try {
    const std::string how = take_image(number);
    voice_.say(texts::notices::on_the_pad(digit_file_->name, how));
    return how;
  } catch (const Error&) {
    opened.swap(digit_file_);  // the number is none of the file's: all stays as it was
    throw;
  }
}

std::string App::take_image(int number) {
  if (!digit_file_) throw Error(texts::refusals::no_array_open);
  const DigitFile& file = *digit_file_;
  const int last = file.size() - 1;
  if (number < 0 || number >= file.size()) {
    throw Error(last == 0 ? texts::refusals::only_one_image(file.name, number)
                          : texts::refusals::no_such_image(file.name, number, last));
  }
  std::string how = file.how.empty() ? texts::notices::as_it_is : file.how;
  if (last > 0) how = texts::notices::image_of(number, last, how);
  pad.take({file.picture(number), {}, {}, PictureFile{file.name, how, number}});
  return how;
}

std::optional<int> App::image_on_pad() const {
  const auto& taken = pad.taken();
  const bool of_file =
      digit_file_ && taken && taken->file && taken->file->name == digit_file_->name;
  return of_file ? taken->file->number : std::nullopt;
}

int App::attacked_label() const {
  if (pad.taken() && pad.taken()->label) return *pad.taken()->label;
  return reading_ ? reading_->best() : 0;
}

bool App::misread() const { return reading_ && reading_->best() != attacked_label(); }

void App::tell_no_more_ink() {
  const char* sentence = texts::notices::no_more_ink;
  if (notice.text != sentence) voice_.say(sentence, true);
}

// --- The attack.

void App::update() {
  const bool picture_changed = seen_pad_ != pad.revision() || seen_models_ != models_.revision();
  if (picture_changed || attack != seen_attack_) {
    curves_due_ = curves_due_ || picture_changed || !same_direction(attack, seen_attack_);
    questions_due_ = true;
    seen_pad_ = pad.revision();
    seen_models_ = models_.revision();
    seen_attack_ = attack;
    end_attack(texts::scripts::attack_replaced);
    attacked_ = false;
    refusal_.clear();
    if (picture_changed) {
      attacker_.forget();
      reading_.reset();
      outcome_.reset();
      transferred_.clear();
    }
    if (models_.empty() || pad.empty()) {
      questions_due_ = false;
    } else {
      look_and_attack();
    }
  }
  if (pen_down_) return;
  if (questions_due_) {
    questions_due_ = false;
    if (attack.method == kLineAttack || !refusal_.empty()) {
      attacker_.forget();
    } else {
      attacker_.ask(pad.picture(), attacked_label(), attack, !curves_due_);
      curves_due_ = false;
    }
  }
  announce_when_settled();
}

// Reads the picture, and attacks it where that is quick. What goes wrong becomes the refusal.
void App::look_and_attack() {
  const Picture& picture = pad.picture();
  try {
    reading_ = read_picture(models_.classifier(), picture);
    if (targets_own_label(attack)) refusal_ = texts::notices::own_class(*attack.target);
    attacked_ = page_method(attack.method).live() && refusal_.empty();
    if (attacked_) {
      show_outcome(attack_live(models_.classifier(), picture, attacked_label(), attack));
    } else if (!outcome_ || !refusal_.empty()) {
      show_outcome(judge(models_.classifier(), picture, attacked_label(), picture, {}, attack));
    }
  } catch (const std::exception& error) {
    attacked_ = false;
    outcome_.reset();
    transferred_.clear();
    refusal_ = error.what();
  }
}

bool App::targets_own_label(const AttackSettings& settings) const {
  return settings.method != kLineAttack && settings.target && reading_ &&
         *settings.target == attacked_label();
}

void App::show_outcome(AttackOutcome outcome) {
  outcome_ = std::move(outcome);
  transferred_.clear();
  const Picture& adversary = outcome_->adversary.pixels;
  for (std::size_t i = 0; i < models_.list().size(); ++i) {
    transferred_.push_back(read_picture(models_.classifier(i), adversary));
  }
  if (models_.inoculated()) transferred_.push_back(outcome_->adversary.reading);
}

void App::receive_from_attacker(const Message& message) {
  update();  // what it tells may be of a digit that another has replaced since
  try {
    if (message.head.is_object() && message.head.value("kind", "") == "failed") {
      throw Error(message.head.value("message", ""));
    }
    if (attacker_.receive(message) && !attacked_ && !questions_due_) {
      const auto& [pixels, calls] = *attacker_.adversary();
      show_outcome(
          judge(models_.classifier(), pad.picture(), attacked_label(), pixels, calls, attack));
      attacked_ = true;
      end_attack("");
    }
  } catch (const std::exception& error) {
    // Not Errors alone: whatever a worker answers, who waits for it gets an end.
    attacker_.cancel();
    attacker_.forget();
    end_attack(in_words(error));
    voice_.say(in_words(error), true);
  }
}

void App::cancel_attack() {
  if (!attacking()) return;
  attacker_.cancel();
  end_attack(texts::scripts::attack_stopped);
  voice_.say(texts::notices::attack_stopped);
}

void App::when_attacked(std::function<void(const std::string&)> on_end) {
  update();
  if (!refusal_.empty()) return on_end(texts::scripts::about("attack", refusal_));
  if (attacked_ || !reading_) return on_end(reading_ ? "" : texts::scripts::attack_empty_pad);
  on_attacked_.push_back(std::move(on_end));
}

void App::end_attack(const std::string& error) {
  for (const auto& on_end : std::exchange(on_attacked_, {})) on_end(error);
}

void App::announce_when_settled() {
  std::string sentence = describe_state(*this);
  if (sentence == announced_) return;
  announced_ = std::move(sentence);
  voice_.announce(announced_);
}

void App::find_smallest_epsilon() {
  const PageMethod& method = page_method(attack.method);
  if (!attacked_ || !method.live() || !method.has(kEpsilonKnob)) return;
  std::optional<float> found;
  try {
    found = smallest_epsilon(models_.classifier(), pad.picture(), attacked_label(), attack);
  } catch (const Error& error) {
    return voice_.say(error.what(), true);
  }
  if (found) {
    attack.epsilon = *found;
    voice_.say(describe_smallest(*found));
  } else {
    voice_.say(texts::outcome::no_epsilon_enough);
  }
}

void App::reroll_noise() { ++attack.seed; }

// --- Weights, files and links.

bool App::reset() {
  if (models_.empty() || !choose_model(models_.chosen())) return false;
  voice_.say(texts::notices::restored(models_.chosen_model().title));
  return true;
}

bool App::load_weights(ByteView file, const std::string& file_name) {
  if (experiments_.refuses_other_weights()) return false;
  const std::string name = shown_name(file_name);
  try {
    models_.load(file, name);
  } catch (const Error& error) {
    voice_.say(error.what(), true);
    return false;
  }
  experiments_.forget_rounds();
  voice_.say(texts::notices::weights_in_use(name));
  return true;
}

Bytes App::weights_file() const {
  if (models_.empty()) throw Error(texts::refusals::no_network);
  return write_safetensors(model_file(
      models_.network(),
      {{"trained_by", models_.inoculated() ? texts::inoculated_from(models_.chosen_model().name)
                                           : models_.chosen_model().note}}));
}

void App::save_weights() {
  const char* const name = "inoculated.safetensors";
  platform_.save_file(name, weights_file());
  voice_.say(texts::notices::weights_saved(name));
}

void App::save_adversary(PictureFormat format) {
  if (!outcome_) return;
  const Picture& picture = outcome_->adversary.pixels;
  voice_.say(texts::notices::adversary_saved(save(platform_, "adversary", picture, format)));
}

void App::save_digit(PictureFormat format) {
  if (pad.empty()) return;
  voice_.say(texts::notices::digit_saved(save(platform_, "digit", pad.picture(), format)));
}

void App::save_sheet() {
  if (!outcome_) return;
  const char* const name = "attack-sheet.png";
  platform_.save_file(name, sheet_png(*outcome_, attack));
  voice_.say(texts::notices::sheet_saved(name));
}

void App::share_link() { platform_.share_link(link_fragment(*this)); }

void App::link_shared(bool copied) {
  voice_.say(copied ? texts::notices::link_copied : texts::notices::link_not_copied);
}

}  // namespace inoculate::page
