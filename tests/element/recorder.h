// Recorder: the store's end of the channel, for tests.

#pragma once

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include <gtest/gtest.h>

#include "pipeline/bus/event_receiver.h"

namespace stillwatch::gst {

// The store's end, answering kOk, on a thread of its own.
class Recorder {
 public:
  Recorder()
      : receiver_(bus::EventReceiver::Bind({.endpoint = "tcp://127.0.0.1:*"}).value()),
        endpoint_(receiver_.endpoint()),
        thread_([this](const std::stop_token& stop) { Run(stop); }) {}

  const std::string& endpoint() const { return endpoint_; }
  // What came so far; ends the thread.
  std::vector<bus::EventMessage> Finish() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return std::move(events_);
  }

 private:
  void Run(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      auto received = receiver_.Receive(std::chrono::milliseconds(20));
      if (!received || !*received) continue;
      auto* event = std::get_if<bus::EventMessage>(&(*received)->request);
      if (event == nullptr) continue;
      const bus::Acknowledgement taken{
          .id = event->event.id, .seq = events_.size() + 1, .verdict = bus::Verdict::kOk};
      events_.push_back(std::move(*event));
      EXPECT_TRUE(receiver_.Acknowledge((*received)->reply_to, taken).ok());
    }
  }

  bus::EventReceiver receiver_;
  std::string endpoint_;
  std::vector<bus::EventMessage> events_;
  std::jthread thread_;
};

}  // namespace stillwatch::gst
