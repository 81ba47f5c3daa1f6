"""姓: compound surnames, and surnames read otherwise than their characters usually are (proofs.md, Traps)."""

_COMPOUND = """
    欧阳 歐陽 太史 端木 上官 司马 司馬 东方 東方 独孤 獨孤 南宫 南宮 万俟 萬俟 闻人 聞人 夏侯 诸葛 諸葛
    尉迟 尉遲 公羊 赫连 赫連 澹台 澹臺 皇甫 宗政 濮阳 濮陽 公冶 太叔 申屠 公孙 公孫 慕容 仲孙 仲孫 钟离
    鍾離 长孙 長孫 宇文 司徒 鲜于 鮮于 司空 闾丘 閭丘 子车 子車 亓官 司寇 巫马 巫馬 公西 颛孙 顓孫 壤驷
    壤駟 公良 漆雕 乐正 樂正 宰父 谷梁 穀梁 拓跋 夹谷 夾谷 轩辕 軒轅 令狐 段干 百里 呼延 东郭 東郭 南门
    南門 羊舌 微生 公户 公戶 公玉 公仪 公儀 梁丘 公仲 公上 公门 公門 公山 公坚 公堅 左丘 公伯 西门 西門
    公祖 第五 公乘 贯丘 贯邱 公皙 南荣 南榮 东里 東里 东宫 東宮 仲长 仲長 子书 子書 子桑 即墨 淳于 单于
    單于 叱干 叱吕 完颜 完顏 纳兰 納蘭 叶赫 葉赫 那拉 富察 瓜尔佳 钮祜禄 爱新觉罗 梁邱 左邱 闾邱 东门
    東門 相里 王孙 王孫 士孙 士孫 毋丘 毌丘 綦毋 库狄 贺兰 賀蘭 屈突 豆卢 豆盧
"""
_ONE = """
    单:shan 單:shan 仇:qiu 解:xie 曾:zeng 任:ren 区:ou 區:ou 朴:piao 查:zha 盖:ge 蓋:ge 华:hua 華:hua
    黑:he 乐:yue 樂:yue 缪:miao 繆:miao 宓:mi 那:na 折:she 种:chong 祭:zhai 员:yun 員:yun 贠:yun
    晟:cheng 冼:xian 洗:xian 隗:wei 郇:xun 应:ying 應:ying 纪:ji 紀:ji 宁:ning 甯:ning 燕:yan 翟:zhai
    覃:qin 秘:bi 费:fei 費:fei 哈:ha 逄:pang 车:che 車:che 召:shao 过:guo 過:guo 句:gou 干:gan 谌:chen
    諶:chen 盛:sheng 葛:ge 么:yao 佴:nai 钭:tou 郄:qie 郗:xi 都:du 能:nai 撒:sa 谷:gu 眭:sui 昝:zan
    訾:zi 仉:zhang 逯:lu 鄢:yan 牟:mou 呙:guo 俞:yu 於:yu 适:kuo 沈:shen 叶:ye 葉:ye 尹:yin 石:shi
    柏:bai 卜:bu 殷:yin 曲:qu 洪:hong 冯:feng 馮:feng 重:chong 尉:wei 令:ling 长:zhang 降:jiang 行:xing
    阚:kan 闞:kan 芮:rui 璩:qu 麴:qu 乜:nie 乌:wu 烏:wu 相:xiang 会:gui 會:gui 难:ning 不:fou 贲:ben
    賁:ben 藏:zang 臧:zang 弹:dan 台:tai 亓:qi 厍:she 库:she 妫:gui 嬀:gui 瞿:qu 夏:xia 丁:ding 万:wan
    萬:wan 繁:po 参:can 强:qiang 強:qiang
"""
_TWO = """
    尉迟:yu,chi 尉遲:yu,chi 万俟:mo,qi 萬俟:mo,qi 长孙:zhang,sun 長孫:zhang,sun 澹台:tan,tai
    澹臺:tan,tai 令狐:ling,hu 单于:chan,yu 單于:chan,yu 鲜于:xian,yu 鮮于:xian,yu 夏侯:xia,hou
    乐正:yue,zheng 樂正:yue,zheng 亓官:qi,guan 宰父:zai,fu 叱干:chi,gan 毌丘:guan,qiu 相里:xiang,li
    仲长:zhong,chang 仲長:zhong,chang 库狄:she,di 子车:zi,ju
"""

#: Surnames of more than one character, simplified and traditional.
COMPOUND = frozenset(_COMPOUND.split())
#: A surname of one character → how it is read as a surname.
READ_ONE = dict(pair.split(":") for pair in _ONE.split())
#: A compound surname → how its two characters are read.
READ_TWO = {pair.split(":")[0]: pair.split(":")[1].split(",") for pair in _TWO.split()}
