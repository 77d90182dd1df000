"""What DingTalk, WeCom and SMS gateways are asked, over one HTTP base. Nothing here knows a site or a database."""
