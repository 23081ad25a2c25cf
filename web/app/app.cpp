#include "web/app/app.h"

#include <algorithm>
#include <utility>

#include "base/error.h"
#include "base/quote.h"
#include "data/safetensors.h"
#include "train/model_file.h"
#include "web/app/exports.h"
#include "web/app/link.h"
#include "web/app/sentences.h"
#include "web/attack/live_attack.h"

namespace inoculate::page {
namespace {

std::vector<float> curve_epsilons() {
  std::vector<float> epsilons;
  for (int i = 0; i <= 10; ++i) epsilons.push_back(0.05F * static_cast<float>(i));
  return epsilons;
}

// Whether curves over epsilon stay what they are.
bool same_direction(AttackSettings a, const AttackSettings& b) {
  a.epsilon = b.epsilon;
  a.seed = b.seed;
  return a == b;
}

}  // namespace

App::App(Platform platform)
    : platform_(std::move(platform)),
      attacker_(models_, platform_.to_attacker, platform_.restart_attacker),
      taking_(1) {}

void App::say(const std::string& sentence, bool is_error) {
  notice = {sentence, is_error};
  platform_.announce(sentence);
}

// --- The picture and the networks.

void App::add_model(const std::string& name, const std::string& title, const std::string& note,
                    ByteView file) {
  models_.add({name, title, note, network_of(parse_safetensors(file, name), name)});
}

void App::set_digits(Dataset digits) {
  digits_ = std::move(digits);
  platform_.to_laboratory({{{"kind", "digits"}}, pack_digits(digits_)});
}

bool App::choose_model(std::size_t index) {
  if (refused_while_running()) return false;
  models_.choose(index);
  forget_rounds();
  return true;
}

// What replaces the weights would be undone by the inoculation's end.
bool App::refused_while_running() {
  if (running_) say("An inoculation is running. Stop it first.", true);
  return running_.has_value();
}

void App::forget_rounds() {
  rounds_.clear();
  forget_curves();
}

void App::forget_curves() {
  stop_measuring_curves();
  robust_curves_.clear();
  curve_of_job_.clear();
}

std::string App::network_title(std::size_t number) const {
  return number < models_.list().size() ? models_.list()[number].title : "Inoculated";
}

void App::take_random_digit(std::optional<int> digit) {
  std::vector<int> choice;
  for (int i = std::max(0, digits_.size() - kHeldOut); i < digits_.size(); ++i) {
    if (!digit || digits_.labels[static_cast<std::size_t>(i)] == *digit) choice.push_back(i);
  }
  if (choice.empty()) return say("The digits have not arrived yet. Please try again.", true);
  take_digit(choice[taking_.below(static_cast<std::uint32_t>(choice.size()))]);
}

void App::take_digit(int index) {
  if (index < 0 || index >= digits_.size()) {
    throw Error("there is no digit " + std::to_string(index) + " among the page's " +
                std::to_string(digits_.size()));
  }
  Matrix image;
  Labels label;
  const std::int32_t indices[] = {index};
  gather(digits_, indices, image, label);
  pad.take({{image.data(), image.data() + image.size()}, label[0], index});
}

int App::attacked_label() const {
  if (pad.taken() && pad.taken()->label) return *pad.taken()->label;
  return reading_ ? reading_->best() : 0;
}

bool App::misread() const { return reading_ && reading_->best() != attacked_label(); }

void App::tell_no_more_ink() {
  const char* sentence =
      "No more can be drawn: there are as many lines as a link can hold. Undo some, or clear them.";
  if (notice.text != sentence) say(sentence, true);
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
    end_attack("attack: another request has replaced it");
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
    reading_ = read_picture(models_.frozen(), picture);
    if (targets_own_label(attack)) {
      const std::string digit = std::to_string(*attack.target);
      refusal_ = "The target, " + digit + ", is what the picture shows. Choose another digit.";
    }
    attacked_ = page_method(attack.method).live() && refusal_.empty();
    if (attacked_) {
      show_outcome(attack_live(models_.frozen(), picture, attacked_label(), attack));
    } else if (!outcome_ || !refusal_.empty()) {
      show_outcome(judge(models_.frozen(), picture, attacked_label(), picture, {}, attack));
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
    transferred_.push_back(read_picture(models_.frozen_model(i), adversary));
  }
  if (models_.inoculated()) transferred_.push_back(outcome_->adversary.reading);
}

void App::receive_from_attacker(const Message& message) {
  try {
    if (message.head.is_object() && message.head.value("kind", "") == "failed") {
      throw Error(message.head.value("message", ""));
    }
    if (attacker_.receive(message) && !attacked_ && !questions_due_) {
      const auto& [pixels, calls] = *attacker_.adversary();
      show_outcome(judge(models_.frozen(), pad.picture(), attacked_label(), pixels, calls, attack));
      attacked_ = true;
      end_attack("");
    }
  } catch (const std::exception& error) {
    // Not Errors alone: whatever a worker answers, who waits for it gets an end.
    attacker_.cancel();
    attacker_.forget();
    end_attack(error.what());
    say(error.what(), true);
  }
}

void App::cancel_attack() {
  if (!attacking()) return;
  attacker_.cancel();
  end_attack("attack: it was stopped");
  say("The attack was stopped.");
}

void App::when_attacked(std::function<void(const std::string&)> on_end) {
  update();
  if (!refusal_.empty()) return on_end("attack: " + refusal_);
  if (attacked_ || !reading_) return on_end(reading_ ? "" : "attack: the pad is empty");
  on_attacked_.push_back(std::move(on_end));
}

void App::end_attack(const std::string& error) {
  for (const auto& on_end : std::exchange(on_attacked_, {})) on_end(error);
}

void App::announce_when_settled() {
  std::string sentence = describe_state(*this);
  if (sentence == announced_) return;
  announced_ = std::move(sentence);
  platform_.announce(announced_);
}

void App::find_smallest_epsilon() {
  const PageMethod& method = page_method(attack.method);
  if (!attacked_ || !method.live() || !method.has(kEpsilonKnob)) return;
  std::optional<float> found;
  try {
    found = smallest_epsilon(models_.frozen(), pad.picture(), attacked_label(), attack);
  } catch (const Error& error) {
    return say(error.what(), true);
  }
  if (found) {
    attack.epsilon = *found;
    say(describe_smallest(*found));
  } else {
    say("No epsilon up to 0.5 is enough: this attack does not fool the network on this picture.");
  }
}

void App::reroll_noise() { ++attack.seed; }

// --- The laboratory.

std::uint64_t App::send_job(const char* kind, Json settings, const Network& network,
                            OnJobEnd on_end) {
  if (std::exchange(digits_due_, false)) set_digits(std::move(digits_));
  const std::uint64_t id = ++last_job_;
  if (on_end) jobs_[id] = std::move(on_end);
  platform_.to_laboratory({{{"kind", kind}, {"id", id}, {"settings", std::move(settings)}},
                           write_safetensors(model_file(network, {}))});
  return id;
}

void App::end_job(std::uint64_t id, const JobResult& result) {
  const auto job = jobs_.extract(id);
  if (!job.empty()) job.mapped()(result);
}

void App::inoculate(OnJobEnd on_end) {
  std::string problem;
  if (models_.empty()) problem = "The network has not arrived yet. Please try again.";
  if (running_) problem = "An inoculation is running already.";
  if (!problem.empty()) {
    say(problem, true);
    if (on_end) on_end({{}, problem});
    return;
  }
  stop_measuring_curves();  // of networks there will be others
  running_.emplace();
  running_settings_ = inoculation;
  inoculation_job_ =
      send_job("inoculate", to_json(inoculation), models_.network(), std::move(on_end));
  notice = {};
  platform_.announce("Inoculation has begun.");
}

void App::evaluate(const EvaluationSettings& settings, OnJobEnd on_end) {
  if (models_.empty()) return on_end({{}, "The network has not arrived yet. Please try again."});
  send_job("evaluate", to_json(settings), models_.network(), std::move(on_end));
}

void App::measure_robust_curves() {
  if (models_.empty() || curve_jobs_ > 0) return;
  forget_curves();
  const auto measure = [&](std::string name, const Network& network) {
    robust_curves_.push_back({std::move(name), {}, {}});
    ++curve_jobs_;
    const std::uint64_t id = send_job("sweep", to_json(SweepSettings{curve_epsilons()}), network,
                                      [this](const JobResult&) { --curve_jobs_; });
    curve_of_job_[id] = robust_curves_.size() - 1;
  };
  for (const Model& model : models_.list()) measure(model.title, model.network);
  if (models_.inoculated()) measure("Inoculated", models_.network());
}

void App::stop_measuring_curves() {
  for (const auto& [id, curve] : curve_of_job_) {
    if (jobs_.contains(id)) platform_.to_laboratory({{{"kind", "stop"}, {"id", id}}, {}});
  }
}

float App::curves_progress() const {
  std::size_t done = 0;
  for (const RobustCurve& curve : robust_curves_) done += curve.epsilons.size();
  const std::size_t all = robust_curves_.size() * curve_epsilons().size();
  return all == 0 ? 0 : static_cast<float>(done) / static_cast<float>(all);
}

void App::pause(bool paused) {
  if (!running_) return;
  running_->paused = paused;
  platform_.to_laboratory({{{"kind", paused ? "pause" : "resume"}}, {}});
  say(paused ? "Inoculation is paused." : "Inoculation has resumed.");
}

void App::stop() {
  if (running_) platform_.to_laboratory({{{"kind", "stop"}, {"id", inoculation_job_}}, {}});
}

bool App::reset() {
  if (models_.empty() || !choose_model(models_.chosen())) return false;
  say("The network has its original weights again: " + models_.chosen_model().title + ".");
  return true;
}

void App::receive(const Message& message) {
  const std::string kind = message.head.value("kind", "");
  const auto id = message.head.value("id", std::uint64_t{0});
  if (kind == "progress" && running_ && id == inoculation_job_) {
    note_progress(*running_, message.head);
  } else if (kind == "point" && curve_of_job_.contains(id)) {
    RobustCurve& curve = robust_curves_[curve_of_job_[id]];
    curve.epsilons.push_back(message.head.at("epsilon").get<float>());
    curve.scores.push_back(score_of(message.head));
  } else if (kind == "done") {
    if (running_ && id == inoculation_job_) finish_inoculation(message);
    end_job(id, {message.head, ""});
  } else if (kind == "failed") {
    const std::string why = message.head.value("message", "");
    if (running_) last_run_ = *std::exchange(running_, std::nullopt);
    digits_due_ = digits_.size() > 0;
    say(why, true);
    while (!jobs_.empty()) end_job(jobs_.begin()->first, {{}, why});
  } else if (kind == "stopped" || kind == "error") {
    const std::string why = kind == "error" ? message.head.value("message", "") : "stopped";
    if (running_ && id == inoculation_job_) {
      last_run_ = *std::exchange(running_, std::nullopt);
      say(kind == "error" ? why : "Inoculation was stopped; the network is as it was before.",
          kind == "error");
    }
    end_job(id, {{}, why});
  }
}

void App::finish_inoculation(const Message& message) {
  last_run_ = *std::exchange(running_, std::nullopt);
  models_.replace_weights(
      network_of(parse_safetensors(message.body, "the laboratory"), "the laboratory"));
  rounds_.push_back({running_settings_.epsilon, scores_of(message.head.at("before")),
                     scores_of(message.head.at("after"))});
  forget_curves();
  platform_.announce(describe_round(rounds_.back()));  // the panel shows it to who sees
}

// --- Files and links.

bool App::load_weights(ByteView file, const std::string& file_name) {
  if (refused_while_running()) return false;
  constexpr std::size_t kLongestName = 80;
  const std::string name =
      file_name.size() <= kLongestName ? printable(file_name) : quote(file_name, kLongestName);
  try {
    models_.load(file, name);
  } catch (const Error& error) {
    say(error.what(), true);
    return false;
  }
  forget_rounds();
  say("The weights of " + name + " are in use.");
  return true;
}

Bytes App::weights_file() const {
  if (models_.empty()) throw Error("the network has not arrived yet");
  return write_safetensors(model_file(
      models_.network(),
      {{"trained_by", models_.inoculated() ? "Inoculate's page, from " + models_.chosen_model().name
                                           : models_.chosen_model().note}}));
}

void App::save_weights() {
  platform_.save_file("inoculated.safetensors", weights_file());
  say("The weights were saved as inoculated.safetensors.");
}

void App::save_adversary() {
  if (!outcome_) return;
  platform_.save_file("adversary.png", picture_png(outcome_->adversary.pixels));
  say("The adversary was saved as adversary.png.");
}

void App::save_sheet() {
  if (!outcome_) return;
  platform_.save_file("attack-sheet.png", sheet_png(*outcome_, attack));
  say("The sheet was saved as attack-sheet.png.");
}

void App::share_link() { platform_.share_link(link_fragment(*this)); }

void App::link_shared(bool copied) {
  say(copied ? "A link to this drawing and attack is in the address bar and on the clipboard."
             : "A link to this drawing and attack is in the address bar: copy it from there. The "
               "browser did not let the page write to the clipboard.");
}

}  // namespace inoculate::page
