#include "pipeline/bus/zmq_socket.h"

#include <cerrno>
#include <utility>

#include <zmq.hpp>

namespace stillwatch::bus {
namespace {

zmq::socket_type TypeOf(SocketRole role) {
  switch (role) {
    case SocketRole::kRouter:
      return zmq::socket_type::router;
    case SocketRole::kPublisher:
      return zmq::socket_type::pub;
    case SocketRole::kSubscriber:
      return zmq::socket_type::sub;
    case SocketRole::kDealer:
      break;
  }
  return zmq::socket_type::dealer;
}

template <typename Body>
auto ZmqGuarded(const std::string& endpoint, Body&& body) -> decltype(body()) {
  try {
    return std::forward<Body>(body)();
  } catch (const zmq::error_t& e) {
    const std::string text = endpoint + ": " + e.what();
    if (e.num() == EINVAL || e.num() == EPROTONOSUPPORT || e.num() == ENODEV) {
      return InvalidArgument(text + "; an endpoint is tcp://ADDRESS:PORT or ipc://PATH");
    }
    return Unavailable(text);
  } catch (const std::exception& e) {
    return Internal(endpoint + ": " + e.what());
  }
}

}  // namespace

struct ZmqSocket::Impl {
  std::string endpoint{};
  zmq::context_t context{1};
  zmq::socket_t socket{};  // After the context: closed before it ends.

  Result<bool> Wait(short events, std::chrono::milliseconds timeout) {
    return ZmqGuarded(endpoint, [&]() -> Result<bool> {
      try {
        zmq::pollitem_t item{socket.handle(), 0, events, 0};
        return zmq::poll(&item, 1, timeout) > 0;
      } catch (const zmq::error_t& e) {
        if (e.num() == EINTR) return false;  // The caller looks at its stop token.
        throw;
      }
    });
  }
};

ZmqSocket::ZmqSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ZmqSocket::ZmqSocket(ZmqSocket&&) noexcept = default;
ZmqSocket& ZmqSocket::operator=(ZmqSocket&&) noexcept = default;
ZmqSocket::~ZmqSocket() = default;

const std::string& ZmqSocket::endpoint() const { return impl_->endpoint; }

Result<ZmqSocket> ZmqSocket::Open(const SocketOptions& options) {
  return ZmqGuarded("'" + options.endpoint + "'", [&]() -> Result<ZmqSocket> {
    auto impl = std::make_unique<Impl>();
    impl->socket = zmq::socket_t(impl->context, TypeOf(options.role));
    zmq::socket_t& socket = impl->socket;
    // What nobody took is sent again by its owner: nothing is worth waiting for at the end.
    socket.set(zmq::sockopt::linger, 0);
    socket.set(zmq::sockopt::sndhwm, options.high_water);
    socket.set(zmq::sockopt::rcvhwm, options.high_water);
    socket.set(zmq::sockopt::maxmsgsize, static_cast<std::int64_t>(options.max_frame_bytes));
    // A peer whose cable was pulled is noticed after some 11 s, and looked for at least every 2 s.
    // By TCP and not by ZeroMQ's heartbeat: together with a high-water mark that aborts the process
    // of a slow subscriber (github.com/zeromq/libzmq/issues/3937, seen here with 4.3.4).
    socket.set(zmq::sockopt::tcp_keepalive, 1);
    socket.set(zmq::sockopt::tcp_keepalive_idle, 5);
    socket.set(zmq::sockopt::tcp_keepalive_intvl, 2);
    socket.set(zmq::sockopt::tcp_keepalive_cnt, 3);
    socket.set(zmq::sockopt::reconnect_ivl, 100);
    socket.set(zmq::sockopt::reconnect_ivl_max, 2000);
    if (options.role == SocketRole::kDealer) {
      // Queue for a peer that is there, or not at all: a retry must not pile up copies.
      socket.set(zmq::sockopt::immediate, true);
    }
    if (options.role == SocketRole::kRouter) socket.set(zmq::sockopt::router_mandatory, true);
    if (options.role == SocketRole::kRouter || options.role == SocketRole::kPublisher) {
      socket.bind(options.endpoint);
      impl->endpoint = socket.get(zmq::sockopt::last_endpoint);
    } else {
      socket.connect(options.endpoint);
      impl->endpoint = options.endpoint;
    }
    return ZmqSocket(std::move(impl));
  });
}

Result<bool> ZmqSocket::WaitReadable(std::chrono::milliseconds timeout) {
  return impl_->Wait(ZMQ_POLLIN, timeout);
}

Result<bool> ZmqSocket::WaitWritable(std::chrono::milliseconds timeout) {
  return impl_->Wait(ZMQ_POLLOUT, timeout);
}

Result<std::optional<std::vector<std::string>>> ZmqSocket::Receive(std::size_t keep) {
  using Frames = std::optional<std::vector<std::string>>;
  return ZmqGuarded(impl_->endpoint, [&]() -> Result<Frames> {
    std::vector<std::string> frames;
    zmq::message_t frame;
    // The parts of a message arrive together: only the first can be missing.
    if (!impl_->socket.recv(frame, zmq::recv_flags::dontwait)) return Frames();
    frames.push_back(frame.to_string());
    while (frame.more()) {
      if (!impl_->socket.recv(frame, zmq::recv_flags::dontwait)) break;
      if (frames.size() <= keep) frames.push_back(frame.to_string());
    }
    return Frames(std::move(frames));
  });
}

Result<bool> ZmqSocket::Send(std::span<const std::string_view> frames) {
  return ZmqGuarded(impl_->endpoint, [&]() -> Result<bool> {
    for (std::size_t i = 0; i < frames.size(); ++i) {
      const auto more = i + 1 < frames.size() ? zmq::send_flags::sndmore : zmq::send_flags::none;
      // Only the first part can block: ZeroMQ takes a message whole.
      if (!impl_->socket.send(zmq::buffer(frames[i]), more | zmq::send_flags::dontwait)) {
        return false;
      }
    }
    return true;
  });
}

Status ZmqSocket::Subscribe(const std::string& prefix) {
  return ZmqGuarded(impl_->endpoint, [&]() -> Status {
    impl_->socket.set(zmq::sockopt::subscribe, prefix);
    return {};
  });
}

}  // namespace stillwatch::bus
