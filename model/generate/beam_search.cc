#include "model/generate/beam_search.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace stillwatch::model {

BeamSearch::BeamSearch(const GenerateOptions& options, std::vector<int> slots)
    : options_(options), slots_(std::move(slots)) {}

double BeamSearch::Score(double sum, std::size_t length) const {
  return sum / std::pow(static_cast<double>(length), options_.length_penalty);
}

bool BeamSearch::IsStop(int id) const {
  const auto& stops = options_.stop_ids;
  return !options_.no_stop && std::find(stops.begin(), stops.end(), id) != stops.end();
}

void BeamSearch::Start(const Choice&, std::span<const float> logits) {
  beams_ = {Beam{.slot = slots_[0]}};
  Extend({&logits, 1});
}

void BeamSearch::Take(std::span<const Choice>, std::span<const std::span<const float>> logits) {
  Extend(logits);
}

void BeamSearch::End(const Beam& beam, const Choice* stop) {
  Ended ended{.written = beam.written};
  double sum = beam.sum;
  std::size_t length = beam.written.ids.size();
  if (stop != nullptr) {
    ended.written.stopped = true;
    ended.written.end_log_probability = stop->log_probability;
    sum += static_cast<double>(stop->log_probability);
    ++length;
  }
  ended.score = Score(sum, length);
  const auto place =
      std::upper_bound(ended_.begin(), ended_.end(), ended.score,
                       [](double score, const Ended& other) { return score > other.score; });
  ended_.insert(place, std::move(ended));
  if (ended_.size() > slots_.size()) ended_.pop_back();
}

void BeamSearch::Extend(std::span<const std::span<const float>> logits) {
  struct Candidate {
    std::size_t parent = 0;
    Choice choice{};
    double sum = 0;
  };
  // Twice as many as beams: even if every beam's best token is a stop id, enough live on.  With
  // several stop ids each needs its own share.
  const std::size_t width = slots_.size();
  const std::size_t wanted = width * (1 + std::max<std::size_t>(options_.stop_ids.size(), 1));
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    for (const Choice& choice : Likeliest(logits[i], static_cast<int>(wanted))) {
      candidates.push_back({.parent = i,
                            .choice = choice,
                            .sum = beams_[i].sum + static_cast<double>(choice.log_probability)});
    }
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& a, const Candidate& b) { return a.sum > b.sum; });
  if (candidates.size() > wanted) candidates.resize(wanted);

  std::vector<Beam> next;
  std::vector<int> parents;
  for (std::size_t rank = 0; rank < candidates.size(); ++rank) {
    const Candidate& candidate = candidates[rank];
    const Beam& parent = beams_[candidate.parent];
    if (IsStop(candidate.choice.id)) {
      if (rank < width) End(parent, &candidate.choice);  // Worse ones would crowd out the living.
      continue;
    }
    if (next.size() == width) continue;
    Beam beam = parent;
    beam.sum = candidate.sum;
    beam.written.ids.push_back(candidate.choice.id);
    beam.written.log_probabilities.push_back(candidate.choice.log_probability);
    next.push_back(std::move(beam));
    parents.push_back(parent.slot);
  }
  beams_ = std::move(next);
  copies_.clear();
  const bool full = beams_.empty() ||
                    beams_[0].written.ids.size() >= static_cast<std::size_t>(options_.max_tokens);
  if (full) {
    for (const Beam& beam : beams_) End(beam, nullptr);
    done_ = true;
    return;
  }
  // The best that a living beam can still become, if all that follows were certain.  With a
  // penalty above 0 that is a longer caption (sums are negative), as Hugging Face reckons it.
  if (ended_.size() == width) {
    const std::size_t length = options_.length_penalty > 0
                                   ? static_cast<std::size_t>(options_.max_tokens)
                                   : beams_[0].written.ids.size();
    if (ended_.back().score >= Score(beams_[0].sum, length)) {
      done_ = true;
      return;
    }
  }
  PlaceInSlots(parents);
}

// The first child of a parent stays in its slot; the others get copies in slots whose beams died.
void BeamSearch::PlaceInSlots(const std::vector<int>& parents) {
  std::vector<int> free;
  for (const int slot : slots_) {
    if (std::find(parents.begin(), parents.end(), slot) == parents.end()) free.push_back(slot);
  }
  std::vector<int> taken;
  for (std::size_t i = 0; i < beams_.size(); ++i) {
    const int parent = parents[i];
    if (std::find(taken.begin(), taken.end(), parent) == taken.end()) {
      taken.push_back(parent);
      beams_[i].slot = parent;
    } else {
      beams_[i].slot = free.back();
      free.pop_back();
      copies_.push_back({.from = parent, .to = beams_[i].slot});
    }
  }
}

std::vector<StepDecoder::Token> BeamSearch::tokens() const {
  std::vector<StepDecoder::Token> tokens;
  for (const Beam& beam : beams_) {
    tokens.push_back({.slot = beam.slot, .id = beam.written.ids.back()});
  }
  return tokens;
}

Generated BeamSearch::result() const { return ended_.front().written; }

}  // namespace stillwatch::model
