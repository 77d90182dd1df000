"""What the demo hospital's adverse events are made of. All invented.

Of each category: its share of all events (per mille), where it happens, and stories with subtype and what kind of cause stands behind.
"""

from typing import NamedTuple


class Story(NamedTuple):
    """What happened: subtype, words, kind of cause and factor behind it."""

    subtype: str
    words: str
    kind: str
    factor: str


class Kind(NamedTuple):
    """A category as the demo needs it."""

    share: int
    places: tuple[str, ...]
    stories: tuple[Story, ...]


KINDS: dict[str, Kind] = {
    "AE01": Kind(80, ("WARD", "EMERGENCY", "OUTPATIENT"), (
        Story("沟通告知", "术前谈话未告知替代方案，家属术后提出异议，经解释理解。", "METHOD", "知情告知不充分"),
        Story("治疗延误", "急会诊申请发出后四十分钟到位，患者处理延后。", "METHOD", "会诊或上级医师指导不及时"),
        Story("病历", "上级医师查房记录复制粘贴，用药剂量与医嘱不一致。", "METHOD", "流程未落实"),
        Story("转运", "转运途中氧气袋余量不足，及时更换。", "MATERIAL", "物资供应不足"),
    )),
    "AE02": Kind(262, ("WARD", "BATHROOM", "CORRIDOR", "ICU"), (
        Story("跌倒坠床", "患者夜间自行下床如厕，在卫生间门口滑倒，右手撑地，查体未见骨折。", "ENVIRONMENT", "地面湿滑或有障碍物"),
        Story("跌倒坠床", "患者坐轮椅未系安全带，起身时滑落，未受伤。", "MAN", "患者及家属依从性差"),
        Story("压力性损伤", "长期卧床患者骶尾部出现2期压力性损伤，已换药并使用气垫床。", "METHOD", "流程未落实"),
        Story("非计划拔管", "患者躁动自行拔出胃管，重新置管后顺利。", "MAN", "风险评估不足"),
        Story("给药错误", "静脉输液挂错床，核对时发现，未输入患者体内。", "MAN", "未核对患者身份"),
        Story("静脉外渗", "留置针处药液外渗，局部肿胀，予硫酸镁湿敷。", "MAN", "知识与技能不足"),
        Story("烫伤", "热水袋温度过高致足部皮肤发红，未起水疱。", "METHOD", "流程未落实"),
    )),
    "AE03": Kind(218, ("WARD", "PHARMACY", "OUTPATIENT", "EMERGENCY"), (
        Story("ADR", "静滴左氧氟沙星后全身皮疹瘙痒，停药并抗过敏治疗后好转。", "MATERIAL", "药品外观或名称相似"),
        Story("用药错误", "处方剂量为常用量十倍，药师审方拦截，联系医师改正。", "METHOD", "医嘱开具或执行错误"),
        Story("用药错误", "看似药品发错规格，患者服药前护士核对发现。", "MATERIAL", "药品外观或名称相似"),
        Story("药品质量", "注射用药溶解后有可见异物，整批退回。", "MATERIAL", "标识不清"),
        Story("ADR", "造影前使用碘剂后恶心呕吐，观察后缓解。", "MAN", "风险评估不足"),
    )),
    "AE04": Kind(13, ("WARD", "OPERATING_ROOM"), (
        Story("发热", "输注红细胞三十分钟后发热38.6℃，停止输血并送检。", "MEASUREMENT", "监测频次不足"),
        Story("标本错误", "交叉配血标本标签与申请单床号不符，拒收并重采。", "MAN", "未核对患者身份"),
    )),
    "AE05": Kind(70, ("WARD", "ICU", "OPERATING_ROOM", "DIALYSIS"), (
        Story("设备故障", "输液泵运行中停机且未报警，更换备用泵。", "MACHINE", "设备故障"),
        Story("耗材缺陷", "一次性延长管连接处渗漏，更换同批次后正常。", "MATERIAL", "耗材质量问题"),
        Story("报警", "监护仪报警音量被调低，血氧下降未及时发现。", "MACHINE", "报警设置不合理"),
    )),
    "AE06": Kind(22, ("TREATMENT", "EMERGENCY", "LABORATORY"), (
        Story("血体液喷溅", "吸痰时痰液溅入眼部，立即冲洗并上报。", "MAN", "知识与技能不足"),
        Story("化学", "化疗药配置时手套破损，皮肤接触后立即冲洗。", "METHOD", "流程未落实"),
    )),
    "AE07": Kind(42, ("ICU", "WARD", "OPERATING_ROOM"), (
        Story("CAUTI", "留置导尿第七天尿培养阳性，伴发热，拔管并抗感染。", "METHOD", "流程未落实"),
        Story("SSI", "术后第六天切口红肿渗液，分泌物培养阳性。", "METHOD", "制度或流程缺失"),
        Story("多重耐药", "两名同室患者检出同型耐碳青霉烯肺炎克雷伯菌，启动隔离。", "ENVIRONMENT", "空间拥挤嘈杂"),
    )),
    "AE08": Kind(10, ("OPERATING_ROOM",), (
        Story("原因(出血/感染/吻合口瘘/其他)", "术后六小时引流量增多，急诊再次手术止血。", "METHOD", "会诊或上级医师指导不及时"),
        Story("48h内", "术后第一天吻合口瘘，行再次手术引流。", "MAN", "知识与技能不足"),
    )),
    "AE09": Kind(30, ("OUTPATIENT", "WARD", "EMERGENCY"), (
        Story("有效投诉", "患者反映候诊两小时无人解释，已致歉并调整叫号。", "MAN", "沟通交接缺失"),
        Story("纠纷", "家属对术后并发症不理解，在病区吵闹，保安到场。", "METHOD", "知情告知不充分"),
    )),
    "AE10": Kind(26, ("NURSE_STATION", "OUTPATIENT", "BACKSTAGE"), (
        Story("系统停机", "门诊收费系统中断二十分钟，启用应急流程。", "MACHINE", "信息系统缺陷"),
        Story("数据错误", "医嘱界面默认频次错误，开具时发现并修正。", "MACHINE", "信息系统缺陷"),
        Story("账号滥用", "离开工作站未退出账号，他人代录医嘱。", "METHOD", "流程未落实"),
    )),
    "AE11": Kind(28, ("PUBLIC", "CORRIDOR", "BACKSTAGE"), (
        Story("电梯", "手术电梯停运十五分钟，转运改走备用电梯。", "MACHINE", "设备故障"),
        Story("停水停电", "病区短时停电，应急电源自动切换，无影响。", "ENVIRONMENT", "温湿度与环境污染"),
        Story("医用气体", "中心供氧压力下降，切换备用汇流排。", "MACHINE", "设备故障"),
    )),
    "AE12": Kind(10, ("PUBLIC", "EMERGENCY", "OUTPATIENT"), (
        Story("暴力", "醉酒患者推搡护士，安保控制，未受伤。", "ENVIRONMENT", "空间拥挤嘈杂"),
        Story("盗窃", "陪护人员财物丢失，调取监控。", "ENVIRONMENT", "病区布局不利观察"),
    )),
    "AE13": Kind(52, ("TREATMENT", "OPERATING_ROOM", "WARD", "LABORATORY"), (
        Story("针刺", "采血后回套针帽刺伤左手示指，挤血冲洗消毒并抽血检测。", "MAN", "违反操作规程"),
        Story("缝针", "缝合时被对侧缝针刺伤，源患者乙肝表面抗原阴性。", "MAN", "注意力分散"),
        Story("安瓿", "掰安瓿时划伤手指，未接触血液。", "MATERIAL", "物资供应不足"),
    )),
    "AE14": Kind(52, ("EXAMINATION", "LABORATORY", "ENDOSCOPY"), (
        Story("标本错误", "血标本溶血，重新采集，报告延迟。", "MATERIAL", "标本问题"),
        Story("危急值漏报", "血钾危急值十五分钟内未电话通知，审核时发现补报。", "METHOD", "危急值处置不及时"),
        Story("造影剂外渗", "增强CT造影剂外渗约30毫升，冷敷观察。", "MAN", "风险评估不足"),
        Story("报告错误", "报告左右侧写反，临床核对发现并更正。", "MEASUREMENT", "指标或结果误读"),
    )),
    "AE15": Kind(42, ("TREATMENT", "DIALYSIS", "ENDOSCOPY", "WARD"), (
        Story("穿刺并发症", "锁骨下静脉穿刺后少量气胸，吸氧观察自行吸收。", "MAN", "知识与技能不足"),
        Story("医嘱执行", "雾化吸入漏执行一次，发现后补做。", "METHOD", "医嘱开具或执行错误"),
        Story("透析", "透析管路接头松脱，及时夹闭，失血约20毫升。", "MAN", "注意力分散"),
    )),
    "AE16": Kind(18, ("OPERATING_ROOM",), (
        Story("部位/患者/术式错误", "三方核查时发现手术部位标识缺失，暂停后补标。", "METHOD", "手术安全核查不到位"),
        Story("器械丢失", "关腹前清点缺一块纱布，术中透视找到。", "METHOD", "手术安全核查不到位"),
    )),
    "AE17": Kind(13, ("OPERATING_ROOM", "RECOVERY"), (
        Story("气道困难", "未预计困难气道，喉罩通气后可视喉镜插管成功。", "MAN", "风险评估不足"),
        Story("苏醒延迟", "术后苏醒延迟四十分钟，拮抗后清醒。", "MEASUREMENT", "监测频次不足"),
    )),
    "AE18": Kind(5, ("OPERATING_ROOM",), (
        Story("规格错误", "关节假体规格与术前计划不符，术中更换。", "MATERIAL", "标识不清"),
    )),
    "AE19": Kind(17, ("OTHER", "PUBLIC"), (
        Story("其他", "陪护家属在病区突发晕厥，就地抢救后好转。", "ENVIRONMENT", "空间拥挤嘈杂"),
    )),
}  # fmt: skip

NEAR_MISSES = (
    "床栏松动未锁紧，巡视时发现并报修。", "抢救车内一支药品过期，清点时发现更换。", "走廊地面有水未立警示牌，及时擦干。",
    "腕带信息与床头卡不一致，核对发现后更正。", "备用氧气筒压力不足，检查时更换。", "医嘱剂量小数点录错，审核时改正。",
    "同名患者相邻床位，已调床并加警示标识。", "除颤仪电池未充满，交接班时发现。",
)  # fmt: skip
MEASURES = (
    "立即评估患者并报告医师，对症处理。",
    "已停用并更换，报告科主任护士长。",
    "安抚患者及家属，密切观察。",
    "现场整改并组织科内学习。",
)
CHANGES = (
    "修订核对流程并纳入月度质控，三个月复查合格。", "加装防滑设施与夜灯，全院推广。", "更换批次并通报供应商，建立追溯台账。",
    "信息系统增加强制校验，同类错误未再发生。", "完成全员培训与考核，合格率100%。", "调整排班，夜间增加一名护士。",
    "更新标识并分区存放，交班核对。", "优化危急值闭环计时，超时自动提醒。",
)  # fmt: skip
SHORT_CHANGES = (
    "已即时修复并告知全科。",
    "已更换并加强巡检。",
    "已在晨会通报，引起重视。",
    "已报修并完成，现场确认。",
)
CONCLUSIONS = (
    "主要原因为流程执行不到位，夜间人力不足使巡视间隔延长。", "环境设施存在缺陷，缺少提示与防护。", "核对环节被打断，未按两种以上方式识别患者。",
    "设备维护周期过长，缺少备机。", "培训未覆盖轮转人员，考核流于形式。",
)  # fmt: skip
