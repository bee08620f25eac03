"""Attribution in steps, each on whole columns: rows, boards, holdings, hosts, pods, balance, estimates."""
