// Metrics: what training watches beside model/eval, and the fit of the verdict's temperatures.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace stillwatch::model {

// The temperature 0.05..20 that makes sigmoid(logit / temperature) likeliest; 1 without data.
double FitBinaryTemperature(std::span<const float> logits, const std::vector<bool>& positive);

// The same for softmax(logits / temperature); `logits` holds `classes` numbers per row.
double FitClassTemperature(std::span<const float> logits, int classes, std::span<const int> truth);

// F1 of the words two texts share (lower case, punctuation left out); 1 if both are empty.
double WordF1(std::string_view a, std::string_view b);

}  // namespace stillwatch::model
