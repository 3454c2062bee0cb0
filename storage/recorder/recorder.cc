#include "storage/recorder/recorder.h"

#include <chrono>
#include <utility>
#include <variant>

namespace stillwatch {
namespace {

using std::chrono::milliseconds;

// How long a stop request may go unseen.
constexpr milliseconds kSlice{100};

// What the sender is to do about a failure of the store.  Only a message that can never be stored
// is refused; everything else is the store's trouble, and the sender keeps the message.
bus::Verdict VerdictOf(const Status& status) {
  switch (status.code()) {
    case StatusCode::kOk:
      return bus::Verdict::kOk;
    case StatusCode::kInvalidArgument:
    case StatusCode::kNotFound:  // A caption for an event that is not there.
      return bus::Verdict::kRefused;
    default:
      return bus::Verdict::kRetry;
  }
}

const std::string& IdOf(const store::Delivery& delivery) {
  const auto* event = std::get_if<ChangeEvent>(&delivery.message);
  return event != nullptr ? event->id : std::get<CaptionUpdate>(delivery.message).id;
}

// Refers to the request's pictures and copies the rest.
store::Delivery DeliveryOf(const bus::Request& request) {
  if (const auto* update = std::get_if<CaptionUpdate>(&request)) return {.message = *update};
  const auto& message = std::get<bus::EventMessage>(request);
  return {.message = message.event,
          .reference_jpeg = message.reference_jpeg,
          .current_jpeg = message.current_jpeg};
}

}  // namespace

Recorder::Recorder(RecorderOptions options, store::EventStore store)
    : options_(std::move(options)), store_(std::move(store)) {}

Result<std::unique_ptr<Recorder>> Recorder::Create(const RecorderOptions& options) {
  if (options.mode == store::OpenMode::kRead) {
    return InvalidArgument("a recorder needs a store that it may write to");
  }
  if (options.batch < 1) return InvalidArgument("a batch holds at least one message");
  Result<store::EventStore> store = store::EventStore::Open(options.store, options.mode);
  if (!store) return Failure(store.error());
  std::unique_ptr<Recorder> recorder(new Recorder(options, *std::move(store)));
  if (options.listen) {
    Result<bus::EventReceiver> receiver = bus::EventReceiver::Bind(*options.listen);
    if (!receiver) return Failure(receiver.error());
    recorder->receiver_ = *std::move(receiver);
  }
  if (options.publish) {
    Result<bus::EventPublisher> publisher = bus::EventPublisher::Bind(*options.publish);
    if (!publisher) return Failure(publisher.error());
    recorder->publisher_ = *std::move(publisher);
  }
  return recorder;
}

void Recorder::NoteHealth(const Status& status) {
  const bool changed = status.ok() != health_.ok();
  health_ = status;
  if (changed && options_.on_health) options_.on_health(status);
}

std::vector<Result<store::Appended>> Recorder::Commit(std::span<const store::Delivery> deliveries) {
  received_ += deliveries.size();
  // The file may have been put back, or the disk mounted again, since it failed.
  if (!health_.ok() && health_.code() != StatusCode::kResourceExhausted) {
    Result<store::EventStore> again =
        store::EventStore::Open(options_.store, store::OpenMode::kWrite);
    if (again) store_ = *std::move(again);
  }
  std::vector<Result<store::Appended>> answers = store_.AppendBatch(deliveries);
  for (const Result<store::Appended>& answer : answers) {
    const Status status = answer ? Status() : answer.error();
    const bus::Verdict verdict = VerdictOf(status);
    if (verdict == bus::Verdict::kOk) {
      ++(answer->already_known ? duplicates_ : committed_);
    } else {
      ++(verdict == bus::Verdict::kRefused ? refused_ : retried_);
    }
    if (verdict != bus::Verdict::kRefused) NoteHealth(status);
  }
  return answers;
}

void Recorder::Publish(const store::Appended& appended) {
  if (!publisher_ || appended.already_known) return;
  // A failure costs subscribers nothing but a gap, which they see and fill from the store.
  if (publisher_->Publish(appended.event).ok()) ++published_;
}

Result<store::Appended> Recorder::Record(const ChangeEvent& event, std::string_view reference_jpeg,
                                         std::string_view current_jpeg) {
  const store::Delivery delivery{
      .message = event, .reference_jpeg = reference_jpeg, .current_jpeg = current_jpeg};
  Result<store::Appended> answer = std::move(Commit({&delivery, 1}).front());
  if (answer) Publish(*answer);
  return answer;
}

Result<store::Appended> Recorder::Record(const CaptionUpdate& update) {
  const store::Delivery delivery{.message = update};
  Result<store::Appended> answer = std::move(Commit({&delivery, 1}).front());
  if (answer) Publish(*answer);
  return answer;
}

// One round: what has come in, as one commit.
Status Recorder::Serve(bus::EventReceiver* receiver) {
  std::vector<bus::ReceivedRequest> requests;
  while (requests.size() < static_cast<std::size_t>(options_.batch)) {
    const std::uint64_t malformed = receiver->stats().malformed;
    Result<std::optional<bus::ReceivedRequest>> next =
        receiver->Receive(requests.empty() ? kSlice : milliseconds(0));
    refused_ += receiver->stats().malformed - malformed;
    if (!next) return next.error();
    if (!*next) break;
    requests.push_back(**std::move(next));
  }
  if (requests.empty()) return {};
  std::vector<store::Delivery> deliveries;
  for (const bus::ReceivedRequest& request : requests) {
    deliveries.push_back(DeliveryOf(request.request));
  }
  const std::vector<Result<store::Appended>> answers = Commit(deliveries);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const Status status = answers[i] ? Status() : answers[i].error();
    const Status answered =
        receiver->Acknowledge(requests[i].reply_to, {.id = IdOf(deliveries[i]),
                                                     .seq = answers[i] ? answers[i]->seq : 0,
                                                     .verdict = VerdictOf(status),
                                                     .message = status.message()});
    if (!answered.ok()) return answered;
  }
  for (const Result<store::Appended>& answer : answers) {
    if (answer) Publish(*answer);
  }
  return {};
}

Status Recorder::Run(std::stop_token stop) {
  if (!receiver_) return InvalidArgument("the recorder has no endpoint to listen at");
  while (!stop.stop_requested()) {
    if (Status served = Serve(&*receiver_); !served.ok()) return served;
  }
  return {};
}

Recorder::Stats Recorder::stats() const {
  return {.received = received_,
          .committed = committed_,
          .duplicates = duplicates_,
          .refused = refused_,
          .retried = retried_,
          .published = published_};
}

std::string Recorder::listen_endpoint() const { return receiver_ ? receiver_->endpoint() : ""; }
std::string Recorder::publish_endpoint() const { return publisher_ ? publisher_->endpoint() : ""; }

}  // namespace stillwatch
