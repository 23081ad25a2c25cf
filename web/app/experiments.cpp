#include "web/app/experiments.h"

#include <utility>

#include "data/safetensors.h"
#include "train/model_file.h"
#include "web/app/sentences.h"
#include "web/lab/laboratory.h"
#include "web/texts/digits.h"

namespace inoculate::page {
namespace {

std::vector<float> curve_epsilons() {
  std::vector<float> epsilons;
  for (int i = 0; i <= 10; ++i) epsilons.push_back(0.05F * static_cast<float>(i));
  return epsilons;
}

}  // namespace

Experiments::Experiments(Models& models, const Dataset& digits, Send send, const Voice& voice)
    : models_(models), digits_(digits), send_(std::move(send)), voice_(voice) {}

float Experiments::curves_progress() const {
  std::size_t done = 0;
  for (const RobustCurve& curve : robust_curves_) done += curve.epsilons.size();
  const std::size_t all = robust_curves_.size() * curve_epsilons().size();
  return all == 0 ? 0 : static_cast<float>(done) / static_cast<float>(all);
}

void Experiments::send_digits() { send_({{{"kind", "digits"}}, pack_digits(digits_)}); }

std::uint64_t Experiments::send_job(const char* kind, Json settings, const Network& network,
                                    OnJobEnd on_end) {
  if (std::exchange(digits_due_, false)) send_digits();
  const std::uint64_t id = ++last_job_;
  if (on_end) jobs_[id] = std::move(on_end);
  send_({{{"kind", kind}, {"id", id}, {"settings", std::move(settings)}},
         write_safetensors(model_file(network, {}))});
  return id;
}

void Experiments::end_job(std::uint64_t id, const JobResult& result) {
  const auto job = jobs_.extract(id);
  if (!job.empty()) job.mapped()(result);
}

void Experiments::inoculate(const InoculationSettings& settings, OnJobEnd on_end) {
  std::string problem;
  if (models_.empty()) problem = texts::notices::no_network;
  if (running_) problem = texts::notices::running_already;
  if (!problem.empty()) {
    voice_.say(problem, true);
    if (on_end) on_end({{}, problem});
    return;
  }
  stop_measuring_curves();  // of networks there will be others
  running_.emplace();
  running_settings_ = settings;
  inoculation_job_ = send_job("inoculate", to_json(settings), models_.network(), std::move(on_end));
  voice_.dismiss();
  voice_.announce(texts::notices::begun);
}

void Experiments::pause(bool paused) {
  if (!running_) return;
  running_->paused = paused;
  send_({{{"kind", paused ? "pause" : "resume"}, {"id", inoculation_job_}}, {}});
  voice_.say(paused ? texts::notices::paused : texts::notices::resumed);
}

void Experiments::stop() {
  if (running_) send_({{{"kind", "stop"}, {"id", inoculation_job_}}, {}});
}

void Experiments::evaluate(const EvaluationSettings& settings, OnJobEnd on_end) {
  if (models_.empty()) return on_end({{}, texts::notices::no_network});
  send_job("evaluate", to_json(settings), models_.network(), std::move(on_end));
}

void Experiments::measure_robust_curves() {
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
  if (models_.inoculated()) measure(texts::inoculated_network, models_.network());
}

void Experiments::stop_measuring_curves() {
  for (const auto& [id, curve] : curve_of_job_) {
    if (jobs_.contains(id)) send_({{{"kind", "stop"}, {"id", id}}, {}});
  }
}

bool Experiments::refuses_other_weights() const {
  if (running_) voice_.say(texts::notices::running, true);
  return running_.has_value();
}

void Experiments::forget_rounds() {
  rounds_.clear();
  forget_curves();
}

void Experiments::forget_curves() {
  stop_measuring_curves();
  robust_curves_.clear();
  curve_of_job_.clear();
}

void Experiments::receive(const Message& message) {
  const std::string kind = message.head.value("kind", "");
  const auto id = message.head.value("id", std::uint64_t{0});
  if (kind == "progress" && running_ && id == inoculation_job_) {
    note_progress(*running_, message.head);
  } else if (kind == "point" && curve_of_job_.contains(id)) {
    RobustCurve& curve = robust_curves_[curve_of_job_[id]];
    curve.epsilons.push_back(message.head.at("epsilon").get<float>());
    curve.scores.push_back(score_of(message.head));
  } else if (kind == "done") {
    try {
      if (running_ && id == inoculation_job_) finish_inoculation(message);
    } catch (const std::exception& error) {
      end_job(id, {{}, error.what()});
      throw;  // whoever delivers it shows it
    }
    end_job(id, {message.head, ""});
  } else if (kind == "failed") {
    const std::string why = message.head.value("message", "");
    if (running_) last_run_ = *std::exchange(running_, std::nullopt);
    digits_due_ = digits_.size() > 0;
    voice_.say(why, true);
    while (!jobs_.empty()) end_job(jobs_.begin()->first, {{}, why});
  } else if (kind == "stopped" || kind == "error") {
    const std::string why =
        kind == "error" ? message.head.value("message", "") : texts::scripts::stopped;
    if (running_ && id == inoculation_job_) {
      last_run_ = *std::exchange(running_, std::nullopt);
      voice_.say(kind == "error" ? why : texts::notices::stopped, kind == "error");
    }
    end_job(id, {{}, why});
  }
}

void Experiments::finish_inoculation(const Message& message) {
  last_run_ = *std::exchange(running_, std::nullopt);
  const char* const laboratory = texts::refusals::laboratory;
  models_.replace_weights(network_of(parse_safetensors(message.body, laboratory), laboratory));
  rounds_.push_back({running_settings_.epsilon, scores_of(message.head.at("before")),
                     scores_of(message.head.at("after"))});
  forget_curves();
  voice_.announce(describe_round(rounds_.back()));  // the panel shows it to who sees
}

}  // namespace inoculate::page
