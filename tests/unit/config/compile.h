// Compiles a text on a host with a few interfaces and users.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "config/compiler.h"
#include "tests/unit/config/memory_files.h"

namespace holdfast::config {

// passwd and group files for the life of a test.
class Accounts {
 public:
  explicit Accounts(const std::string& extraUsers = {}) {
    write(passwd_, "root:x:0:0::/root:/bin/sh\npostfix:x:89:90::/:/bin/false\n" + extraUsers);
    write(group_, "root:x:0:\npostfix:x:90:\nmail:x:8:\n");
  }
  ~Accounts() {
    std::remove(passwd_.c_str());
    std::remove(group_.c_str());
  }
  Accounts(const Accounts&) = delete;
  Accounts& operator=(const Accounts&) = delete;

  [[nodiscard]] Host host() const { return Host{{"lo", "eth0", "eth1"}, 0, 0, passwd_, group_}; }

 private:
  static void write(std::string& path, const std::string& content) {
    path = "/tmp/holdfast-config-test-XXXXXX";
    const int fd = ::mkstemp(path.data());
    [[maybe_unused]] const ssize_t written = ::write(fd, content.data(), content.size());
    ::close(fd);
  }
  std::string passwd_;
  std::string group_;
};

inline Compilation compileText(const std::string& text, const std::string& extraUsers = {}) {
  const Accounts accounts(extraUsers);
  MemoryFiles files;
  files.contents["/keepalived.conf"] = text;
  files.contents["/included.conf"] = "instance included\n";
  files.contents["/more.conf"] = "";
  files.contents["/usr/bin/pidof"] = "";
  files.contents["/etc/iproute2/rt_tables"] = "77 blue\n";
  files.contents["/usr/share/iproute2/rt_dsfield"] = "0xB8 EF\n";
  files.contents["/etc/protocols"] = "udp 17 UDP\n";
  files.executables = {"/usr/bin/pidof"};
  files.contents["/etc/c.pem"] = "-----BEGIN CERTIFICATE-----";
  files.contents["/etc/k.pem"] = "-----BEGIN PRIVATE KEY-----";
  files.contents["/etc/secret"] = "from a file\n";
  files.contents["/run/credentials/vrrp"] = "credential";
  SourceOptions options;
  options.configId = "main";
  options.environment["NAME"] = "value";
  Host host = accounts.host();
  host.credentialsDirectory = "/run/credentials";
  return compile("/keepalived.conf", options, files, host);
}

}  // namespace holdfast::config
