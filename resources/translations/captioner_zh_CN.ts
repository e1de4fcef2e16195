<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="zh_CN" sourcelanguage="en">
<context>
    <name>AboutDialog</name>
    <message>
        <source>About Captioner</source>
        <translation>关于 Captioner</translation>
    </message>
    <message>
        <source>Captioner is free software under the MIT licence. Qt and PySide are used under the LGPL.</source>
        <translation>Captioner 是遵循 MIT 许可证的自由软件。Qt 与 PySide 依 LGPL 使用。</translation>
    </message>
    <message>
        <source>Captions for photographs, and where the network looked while it wrote them.</source>
        <translation>为图片生成描述，并显示网络写下每个词时看向哪里。</translation>
    </message>
    <message>
        <source>Copy versions</source>
        <translation>复制版本信息</translation>
    </message>
    <message>
        <source>Everything stays on this machine.</source>
        <translation>所有数据都留在本机。</translation>
    </message>
    <message>
        <source>Icons: Phosphor, MIT licence. Attention: Xu et al. 2015, Show, Attend and Tell.</source>
        <translation>图标：Phosphor，MIT 许可证。注意力机制：Xu 等人，2015，Show, Attend and Tell。</translation>
    </message>
</context>
<context>
    <name>Actions</name>
    <message>
        <source>&amp;Caption</source>
        <translation>描述(&amp;C)</translation>
    </message>
    <message>
        <source>&amp;Edit</source>
        <translation>编辑(&amp;E)</translation>
    </message>
    <message>
        <source>&amp;File</source>
        <translation>文件(&amp;F)</translation>
    </message>
    <message>
        <source>&amp;Help</source>
        <translation>帮助(&amp;H)</translation>
    </message>
    <message>
        <source>&amp;Model</source>
        <translation>模型(&amp;M)</translation>
    </message>
    <message>
        <source>&amp;View</source>
        <translation>视图(&amp;V)</translation>
    </message>
    <message>
        <source>About Captioner</source>
        <translation>关于 Captioner</translation>
    </message>
    <message>
        <source>Actual size</source>
        <translation>实际大小</translation>
    </message>
    <message>
        <source>All models</source>
        <translation>所有模型</translation>
    </message>
    <message>
        <source>Animation of this photograph…</source>
        <translation>此图片的动画…</translation>
    </message>
    <message>
        <source>COCO results…</source>
        <translation>COCO 结果…</translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Caption again</source>
        <translation>重新描述</translation>
    </message>
    <message>
        <source>Caption all that wait</source>
        <translation>描述所有等待中的图片</translation>
    </message>
    <message>
        <source>Caption page</source>
        <translation>描述页</translation>
    </message>
    <message>
        <source>Caption the same photograph with two models, side by side</source>
        <translation>用两个模型描述同一张图片，并排比较</translation>
    </message>
    <message>
        <source>Caption this first</source>
        <translation>优先描述此图片</translation>
    </message>
    <message>
        <source>Check a model, a folder or a .zip file, and install it</source>
        <translation>校验并安装模型（文件夹或 .zip 文件）</translation>
    </message>
    <message>
        <source>Choose</source>
        <translation>选择</translation>
    </message>
    <message>
        <source>Clear pins</source>
        <translation>取消全部固定</translation>
    </message>
    <message>
        <source>Clear this list</source>
        <translation>清空此列表</translation>
    </message>
    <message>
        <source>Colour each place by how much the word looked at it</source>
        <translation>按该词对各处的注意力着色</translation>
    </message>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Compare…</source>
        <translation>比较…</translation>
    </message>
    <message>
        <source>Copy caption</source>
        <translation>复制描述</translation>
    </message>
    <message>
        <source>Copy figure</source>
        <translation>复制配图</translation>
    </message>
    <message>
        <source>Copy the photograph with what is drawn over it</source>
        <translation>复制图片及其叠加层</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Darken what the word did not look at</source>
        <translation>压暗该词没有注意的地方</translation>
    </message>
    <message>
        <source>Draw a line around the places that the word looked at most</source>
        <translation>勾勒该词最注意的地方</translation>
    </message>
    <message>
        <source>Draw where each word looked, as a picture, SVG or PDF</source>
        <translation>把每个词的注意力画成图片、SVG 或 PDF</translation>
    </message>
    <message>
        <source>Edit caption</source>
        <translation>编辑描述</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>导出</translation>
    </message>
    <message>
        <source>Figure of this photograph…</source>
        <translation>此图片的配图…</translation>
    </message>
    <message>
        <source>Find</source>
        <translation>查找</translation>
    </message>
    <message>
        <source>Find any command by a few of its letters</source>
        <translation>输入几个字即可找到任何命令</translation>
    </message>
    <message>
        <source>Fit in window</source>
        <translation>适应窗口</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>全屏</translation>
    </message>
    <message>
        <source>Go from word to word and show where each one looked</source>
        <translation>逐词播放，显示每个词看向哪里</translation>
    </message>
    <message>
        <source>Heat</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>Import…</source>
        <translation>导入…</translation>
    </message>
    <message>
        <source>JSON…</source>
        <translation>JSON…</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Language of the system</source>
        <translation>跟随系统语言</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Models page</source>
        <translation>模型页</translation>
    </message>
    <message>
        <source>Next photograph</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>Next word</source>
        <translation>下一个词</translation>
    </message>
    <message>
        <source>One pixel of the photograph is one pixel of the screen</source>
        <translation>图片的一个像素对应屏幕的一个像素</translation>
    </message>
    <message>
        <source>Open all photographs of a folder and of the folders in it</source>
        <translation>打开文件夹及其子文件夹中的所有图片</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open photographs…</source>
        <translation>打开图片…</translation>
    </message>
    <message>
        <source>Open recent</source>
        <translation>最近打开</translation>
    </message>
    <message>
        <source>Open sample photographs</source>
        <translation>打开示例图片</translation>
    </message>
    <message>
        <source>Open the pictures or files that were copied elsewhere</source>
        <translation>打开在别处复制的图片或文件</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加层</translation>
    </message>
    <message>
        <source>Paste photographs</source>
        <translation>粘贴图片</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Pin word</source>
        <translation>固定此词</translation>
    </message>
    <message>
        <source>Play words</source>
        <translation>逐词播放</translation>
    </message>
    <message>
        <source>Preferences…</source>
        <translation>偏好设置…</translation>
    </message>
    <message>
        <source>Previous photograph</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>Previous word</source>
        <translation>上一个词</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>退出</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>重做</translation>
    </message>
    <message>
        <source>Remove from list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>Save diagnostics…</source>
        <translation>保存诊断信息…</translation>
    </message>
    <message>
        <source>Select all</source>
        <translation>全选</translation>
    </message>
    <message>
        <source>Show word after word and where it looked, as a GIF</source>
        <translation>逐词显示注意力的 GIF 动画</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>聚光</translation>
    </message>
    <message>
        <source>Table (CSV)…</source>
        <translation>表格（CSV）…</translation>
    </message>
    <message>
        <source>Take the photographs out of the list; the files stay where they are</source>
        <translation>把图片移出列表，文件保留在原处</translation>
    </message>
    <message>
        <source>Text files beside the photographs…</source>
        <translation>图片旁的文本文件…</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>撤销</translation>
    </message>
    <message>
        <source>Web page…</source>
        <translation>网页…</translation>
    </message>
    <message>
        <source>Write each caption into a .txt file beside its photograph</source>
        <translation>把每条描述写入图片旁的 .txt 文件</translation>
    </message>
    <message>
        <source>Write image numbers and captions as the COCO evaluation reads them</source>
        <translation>按 COCO 评测的格式写出图片编号和描述</translation>
    </message>
    <message>
        <source>Write versions and the log into a .zip file for a report</source>
        <translation>把版本信息和日志写入 .zip 文件，便于报告问题</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>放大</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>缩小</translation>
    </message>
</context>
<context>
    <name>AlternativeRow</name>
    <message>
        <source>Write the caption again from here with this word</source>
        <translation>从这里换用此词，重写后面的描述</translation>
    </message>
</context>
<context>
    <name>AlternativesPanel</name>
    <message>
        <source>Draw a few captions at random</source>
        <translation>随机采样几条描述</translation>
    </message>
    <message>
        <source>Draw some</source>
        <translation>采样几条</translation>
    </message>
    <message>
        <source>Natural logarithm of the probability: the closer to 0, the likelier</source>
        <translation>概率的自然对数：越接近 0 越可能</translation>
    </message>
    <message>
        <source>Nothing else was found. A larger beam looks for more, or draw some at random.</source>
        <translation>没有找到别的描述。可增大束宽继续搜索，或随机采样几条。</translation>
    </message>
    <message>
        <source>Other ways to say it</source>
        <translation>其他说法</translation>
    </message>
    <message>
        <source>log p</source>
        <translation>log p</translation>
    </message>
</context>
<context>
    <name>Arrivals</name>
    <message>
        <source>All files (*)</source>
        <translation>所有文件 (*)</translation>
    </message>
    <message>
        <source>Open folder</source>
        <translation>打开文件夹</translation>
    </message>
    <message>
        <source>Open photographs</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Photographs ({patterns})</source>
        <translation>图片 ({patterns})</translation>
    </message>
</context>
<context>
    <name>CanvasInput</name>
    <message>
        <source>The model was not shown this part of the photograph.</source>
        <translation>模型没有看到图片的这一部分。</translation>
    </message>
</context>
<context>
    <name>CaptionController</name>
    <message numerus="yes">
        <source>%n file(s) written.</source>
        <translation>
            <numerusform>已写入 %n 个文件。</numerusform>
        </translation>
    </message>
    <message>
        <source>Caption copied.</source>
        <translation>描述已复制。</translation>
    </message>
    <message numerus="yes">
        <source>%n caption(s) written by hand stay as they are.</source>
        <translation>
            <numerusform>%n 条手动编写的描述保持不变。</numerusform>
        </translation>
    </message>
    <message>
        <source>Figure copied.</source>
        <translation>配图已复制。</translation>
    </message>
    <message>
        <source>Nothing new: these photographs are in the list already.</source>
        <translation>没有新图片：这些图片已在列表中。</translation>
    </message>
    <message>
        <source>This caption was written by hand and stays. Caption again to replace it.</source>
        <translation>此描述为手动编写，予以保留。如要替换，请重新描述。</translation>
    </message>
</context>
<context>
    <name>CaptionEditor</name>
    <message>
        <source>Caption</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Enter keeps it, Esc leaves it as it was</source>
        <translation>按 Enter 保存，按 Esc 放弃</translation>
    </message>
</context>
<context>
    <name>CaptionPage</name>
    <message>
        <source>beam {size}, length penalty {penalty:g}</source>
        <translation>束宽 {size}，长度惩罚 {penalty:g}</translation>
    </message>
    <message>
        <source>edited by hand</source>
        <translation>手动编辑</translation>
    </message>
    <message>
        <source>greedy</source>
        <translation>贪心</translation>
    </message>
    <message>
        <source>sampled at temperature {value:g}</source>
        <translation>采样，温度 {value:g}</translation>
    </message>
</context>
<context>
    <name>CaptionRow</name>
    <message>
        <source>Drawn at random, not found by the search</source>
        <translation>由随机采样得到，并非搜索结果</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>当前</translation>
    </message>
    <message>
        <source>Use</source>
        <translation>采用</translation>
    </message>
    <message>
        <source>drawn</source>
        <translation>采样</translation>
    </message>
</context>
<context>
    <name>CaptioningRunner</name>
    <message>
        <source>No caption came back. Try again.</source>
        <translation>没有得到描述，请重试。</translation>
    </message>
</context>
<context>
    <name>CardText</name>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
</context>
<context>
    <name>CollectionPanel</name>
    <message numerus="yes">
        <source>%Ln photograph(s)</source>
        <translation>
            <numerusform>%Ln 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>As added</source>
        <translation>按添加顺序</translation>
    </message>
    <message>
        <source>By confidence, least sure first</source>
        <translation>按置信度，最不确定的在前</translation>
    </message>
    <message>
        <source>By name</source>
        <translation>按名称</translation>
    </message>
    <message>
        <source>By state</source>
        <translation>按状态</translation>
    </message>
    <message>
        <source>Caption next</source>
        <translation>接着描述这张</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>Filter</source>
        <translation>筛选</translation>
    </message>
    <message>
        <source>Filter by name or caption</source>
        <translation>按名称或描述筛选</translation>
    </message>
    <message>
        <source>Filter by state</source>
        <translation>按状态筛选</translation>
    </message>
    <message>
        <source>No photograph matches the filter.</source>
        <translation>没有符合筛选条件的图片。</translation>
    </message>
    <message>
        <source>Photographs</source>
        <translation>图片</translation>
    </message>
    <message>
        <source>Remove from the list</source>
        <translation>从列表移除</translation>
    </message>
    <message>
        <source>Reverse</source>
        <translation>倒序</translation>
    </message>
    <message>
        <source>Show all</source>
        <translation>显示全部</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Sort</source>
        <translation>排序</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>重试</translation>
    </message>
    <message numerus="yes">
        <source>{shown} of %Ln photograph(s)</source>
        <translation>
            <numerusform>{shown} / %Ln 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>{state} ({count})</source>
        <translation>{state}（{count}）</translation>
    </message>
</context>
<context>
    <name>Collector</name>
    <message numerus="yes">
        <source>%Ln more file(s) were left out.</source>
        <translation>
            <numerusform>另有 %Ln 个文件未加入。</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>CommandPalette</name>
    <message>
        <source>Command palette</source>
        <translation>命令面板</translation>
    </message>
    <message>
        <source>Commands</source>
        <translation>命令</translation>
    </message>
    <message>
        <source>Find a command</source>
        <translation>查找命令</translation>
    </message>
    <message>
        <source>No command fits.</source>
        <translation>没有匹配的命令。</translation>
    </message>
    <message>
        <source>What do you want to do</source>
        <translation>想做什么</translation>
    </message>
</context>
<context>
    <name>Commands</name>
    <message numerus="yes">
        <source>Add %n photograph(s)</source>
        <translation>
            <numerusform>添加 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Change decoding</source>
        <translation>更改解码设置</translation>
    </message>
    <message>
        <source>Change overlay</source>
        <translation>更改叠加层</translation>
    </message>
    <message>
        <source>Edit caption</source>
        <translation>编辑描述</translation>
    </message>
    <message numerus="yes">
        <source>Remove %n photograph(s)</source>
        <translation>
            <numerusform>移除 %n 张图片</numerusform>
        </translation>
    </message>
    <message>
        <source>Replace caption</source>
        <translation>替换描述</translation>
    </message>
</context>
<context>
    <name>CompareSide</name>
    <message>
        <source>Captioning…</source>
        <translation>正在描述…</translation>
    </message>
    <message>
        <source>Photograph with the attention of {name}</source>
        <translation>图片与 {name} 的注意力</translation>
    </message>
    <message>
        <source>Words of {name}</source>
        <translation>{name} 的词</translation>
    </message>
    <message>
        <source>log p {value}</source>
        <translation>log p {value}</translation>
    </message>
    <message>
        <source>{percent} per word</source>
        <translation>平均每词 {percent}</translation>
    </message>
</context>
<context>
    <name>CompareView</name>
    <message>
        <source>Back to all models</source>
        <translation>返回所有模型</translation>
    </message>
    <message>
        <source>Both say the same</source>
        <translation>两者说法相同</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message numerus="yes">
        <source>Different in %n place(s)</source>
        <translation>
            <numerusform>有 %n 处不同</numerusform>
        </translation>
    </message>
    <message>
        <source>Drop a photograph here to have it captioned by both models</source>
        <translation>将图片拖放到这里，由两个模型分别描述</translation>
    </message>
    <message>
        <source>Next photograph</source>
        <translation>下一张图片</translation>
    </message>
    <message>
        <source>Open photograph…</source>
        <translation>打开图片…</translation>
    </message>
    <message>
        <source>Previous photograph</source>
        <translation>上一张图片</translation>
    </message>
    <message>
        <source>nothing</source>
        <translation>无</translation>
    </message>
    <message>
        <source>{left} on the left, {right} on the right</source>
        <translation>左：{left}；右：{right}</translation>
    </message>
</context>
<context>
    <name>DecodingPanel</name>
    <message>
        <source>Back to what the model recommends</source>
        <translation>恢复模型推荐的设置</translation>
    </message>
    <message>
        <source>Beam size</source>
        <translation>束宽</translation>
    </message>
    <message>
        <source>Below 1 likely words are drawn even more often, above 1 unlikely ones</source>
        <translation>小于 1 时更偏向可能的词，大于 1 时更偏向不太可能的词</translation>
    </message>
    <message>
        <source>Captions are cut after so many words</source>
        <translation>描述超过此词数即截断</translation>
    </message>
    <message>
        <source>Captions drawn</source>
        <translation>采样条数</translation>
    </message>
    <message>
        <source>Careful</source>
        <translation>仔细</translation>
    </message>
    <message>
        <source>Custom</source>
        <translation>自定义</translation>
    </message>
    <message>
        <source>Decoding</source>
        <translation>解码</translation>
    </message>
    <message>
        <source>Detailed</source>
        <translation>详细</translation>
    </message>
    <message>
        <source>Draw</source>
        <translation>采样</translation>
    </message>
    <message>
        <source>Draw among so many of the likeliest words; 0 among all</source>
        <translation>只从最可能的若干词中采样；0 表示全部</translation>
    </message>
    <message>
        <source>Draw among the likeliest words that together have this probability; 1 among all</source>
        <translation>只从累计概率达到此值的最可能的词中采样；1 表示全部</translation>
    </message>
    <message>
        <source>Draw each word at random, likely words more often</source>
        <translation>逐词随机采样，可能的词更常出现</translation>
    </message>
    <message>
        <source>Greater values favour longer captions; 0 ranks them by probability alone</source>
        <translation>值越大越偏向长描述；0 表示只按概率排序</translation>
    </message>
    <message>
        <source>How many captions are drawn; the likeliest is shown</source>
        <translation>采样多少条描述；显示其中最可能的一条</translation>
    </message>
    <message>
        <source>How many unfinished captions are kept while searching; 1 takes the likeliest word each time</source>
        <translation>搜索时保留多少条未完成的描述；1 表示每步取最可能的词</translation>
    </message>
    <message>
        <source>Least words</source>
        <translation>最少词数</translation>
    </message>
    <message>
        <source>Length penalty</source>
        <translation>长度惩罚</translation>
    </message>
    <message>
        <source>Look for the most likely caption</source>
        <translation>寻找最可能的描述</translation>
    </message>
    <message>
        <source>Method</source>
        <translation>方法</translation>
    </message>
    <message>
        <source>Most words</source>
        <translation>最多词数</translation>
    </message>
    <message>
        <source>No caption has fewer words</source>
        <translation>描述不会少于此词数</translation>
    </message>
    <message>
        <source>Plain</source>
        <translation>普通</translation>
    </message>
    <message>
        <source>Recommended</source>
        <translation>推荐</translation>
    </message>
    <message>
        <source>Search</source>
        <translation>搜索</translation>
    </message>
    <message>
        <source>Short</source>
        <translation>简短</translation>
    </message>
    <message>
        <source>Temperature</source>
        <translation>温度</translation>
    </message>
    <message>
        <source>Top k</source>
        <translation>Top k</translation>
    </message>
    <message>
        <source>Top p</source>
        <translation>Top p</translation>
    </message>
    <message>
        <source>Varied</source>
        <translation>多样</translation>
    </message>
    <message>
        <source>Ways of choosing words that have a name</source>
        <translation>选词方式的预设</translation>
    </message>
    <message>
        <source>Word by word</source>
        <translation>逐词贪心</translation>
    </message>
</context>
<context>
    <name>DropOverlay</name>
    <message numerus="yes">
        <source>Drop to add %Ln item(s)</source>
        <translation>
            <numerusform>松开以添加 %Ln 项</numerusform>
        </translation>
    </message>
    <message>
        <source>This is not on this computer</source>
        <translation>此内容不在本机上</translation>
    </message>
</context>
<context>
    <name>EmptyState</name>
    <message>
        <source>Caption all of them</source>
        <translation>全部描述</translation>
    </message>
    <message>
        <source>Drop photographs or a folder here</source>
        <translation>将图片或文件夹拖放到这里</translation>
    </message>
    <message>
        <source>Open folder…</source>
        <translation>打开文件夹…</translation>
    </message>
    <message>
        <source>Open…</source>
        <translation>打开…</translation>
    </message>
    <message>
        <source>Or begin with one of these</source>
        <translation>或从这些示例开始</translation>
    </message>
    <message>
        <source>Paste</source>
        <translation>粘贴</translation>
    </message>
    <message>
        <source>They stay on this computer.</source>
        <translation>图片始终留在本机。</translation>
    </message>
</context>
<context>
    <name>ErrorDialog</name>
    <message>
        <source>Copy details</source>
        <translation>复制详细信息</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>详细信息</translation>
    </message>
    <message>
        <source>Hide details</source>
        <translation>隐藏详细信息</translation>
    </message>
    <message>
        <source>Show details</source>
        <translation>显示详细信息</translation>
    </message>
    <message>
        <source>Something went wrong</source>
        <translation>出现问题</translation>
    </message>
</context>
<context>
    <name>Exporting</name>
    <message>
        <source>Animation</source>
        <translation>动画</translation>
    </message>
    <message>
        <source>COCO results</source>
        <translation>COCO 结果</translation>
    </message>
    <message>
        <source>Export: {kind}</source>
        <translation>导出：{kind}</translation>
    </message>
    <message>
        <source>Figure</source>
        <translation>配图</translation>
    </message>
    <message>
        <source>Replace text files that are there already</source>
        <translation>替换已有的文本文件</translation>
    </message>
    <message>
        <source>Table</source>
        <translation>表格</translation>
    </message>
    <message>
        <source>Text files</source>
        <translation>文本文件</translation>
    </message>
    <message>
        <source>Web page</source>
        <translation>网页</translation>
    </message>
    <message numerus="yes">
        <source>Write a text file beside each of %n photograph(s)?</source>
        <translation>
            <numerusform>在 %n 张图片旁各写一个文本文件？</numerusform>
        </translation>
    </message>
    <message>
        <source>Write text files</source>
        <translation>写入文本文件</translation>
    </message>
    <message>
        <source>beach.jpg gets beach.txt in the same folder.</source>
        <translation>例如，beach.jpg 会在同一文件夹中得到 beach.txt。</translation>
    </message>
    <message>
        <source>captions</source>
        <translation>描述</translation>
    </message>
</context>
<context>
    <name>Furnishing</name>
    <message>
        <source>{name} writes the captions from now on.</source>
        <translation>今后由 {name} 生成描述。</translation>
    </message>
</context>
<context>
    <name>Gallery</name>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Caption one photograph with both ticked models</source>
        <translation>用勾选的两个模型描述同一张图片</translation>
    </message>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>From a file…</source>
        <translation>从文件…</translation>
    </message>
    <message>
        <source>From a folder…</source>
        <translation>从文件夹…</translation>
    </message>
    <message>
        <source>Import</source>
        <translation>导入</translation>
    </message>
    <message>
        <source>Install a model package; it can also be dropped here</source>
        <translation>安装模型包；也可以直接拖放到这里</translation>
    </message>
    <message>
        <source>Look again</source>
        <translation>重新查找</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Packages that cannot be read</source>
        <translation>无法读取的模型包</translation>
    </message>
    <message>
        <source>Progress</source>
        <translation>进度</translation>
    </message>
    <message>
        <source>Tick one more model to compare the two.</source>
        <translation>再勾选一个模型即可比较。</translation>
    </message>
</context>
<context>
    <name>ImageState</name>
    <message>
        <source>Captioning</source>
        <translation>描述中</translation>
    </message>
    <message>
        <source>Done</source>
        <translation>完成</translation>
    </message>
    <message>
        <source>Edited</source>
        <translation>已编辑</translation>
    </message>
    <message>
        <source>Failed</source>
        <translation>失败</translation>
    </message>
    <message>
        <source>Waiting</source>
        <translation>等待中</translation>
    </message>
</context>
<context>
    <name>Incoming</name>
    <message>
        <source>There is no photograph in it. Copy a picture, a file or a folder.</source>
        <translation>其中没有图片。请复制图片、文件或文件夹。</translation>
    </message>
    <message>
        <source>This is text, not a photograph. Copy a picture, a file or a folder.</source>
        <translation>这是文本，不是图片。请复制图片、文件或文件夹。</translation>
    </message>
    <message>
        <source>{what} is not on this computer. Download it first, then drop the file.</source>
        <translation>{what} 不在本机上。请先下载，再拖放文件。</translation>
    </message>
</context>
<context>
    <name>LegendBar</name>
    <message>
        <source>Each word on its own scale</source>
        <translation>各词单独标尺</translation>
    </message>
    <message>
        <source>From 0 to {full}. {notes}.</source>
        <translation>从 0 到 {full}。{notes}。</translation>
    </message>
    <message>
        <source>One scale for all words</source>
        <translation>所有词共用标尺</translation>
    </message>
    <message>
        <source>Scale of attention</source>
        <translation>注意力标尺</translation>
    </message>
    <message>
        <source>cells as they are</source>
        <translation>原始网格</translation>
    </message>
    <message>
        <source>hatched: not shown to the model</source>
        <translation>斜线部分：模型没有看到</translation>
    </message>
    <message>
        <source>smoothed for display</source>
        <translation>为显示而平滑</translation>
    </message>
</context>
<context>
    <name>LibraryPage</name>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>The folder cannot be shown here: {path}</source>
        <translation>无法在此显示文件夹：{path}</translation>
    </message>
    <message>
        <source>There are no models. Import one to begin.</source>
        <translation>还没有模型。请先导入一个。</translation>
    </message>
    <message>
        <source>There is only one model. Import another to compare the two.</source>
        <translation>只有一个模型。再导入一个即可比较。</translation>
    </message>
    <message>
        <source>Tick two models to compare them.</source>
        <translation>请勾选两个模型进行比较。</translation>
    </message>
</context>
<context>
    <name>MainWindow</name>
    <message>
        <source>Caption</source>
        <translation>描述</translation>
    </message>
    <message>
        <source>Looking for models…</source>
        <translation>正在查找模型…</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Nothing opened yet</source>
        <translation>尚未打开任何图片</translation>
    </message>
</context>
<context>
    <name>ModelCard</name>
    <message>
        <source>Compare</source>
        <translation>比较</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Model card</source>
        <translation>模型卡片</translation>
    </message>
    <message>
        <source>More for {name}</source>
        <translation>{name} 的更多操作</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
</context>
<context>
    <name>ModelDialogs</name>
    <message>
        <source>Export {name}</source>
        <translation>导出 {name}</translation>
    </message>
    <message>
        <source>Import a model package</source>
        <translation>导入模型包</translation>
    </message>
    <message>
        <source>It is deleted from this computer and frees {size}. To keep a copy, export it first.</source>
        <translation>将从本机删除并释放 {size}。如需保留副本，请先导出。</translation>
    </message>
    <message>
        <source>Model packages (*.zip)</source>
        <translation>模型包 (*.zip)</translation>
    </message>
    <message>
        <source>Open a photograph</source>
        <translation>打开图片</translation>
    </message>
    <message>
        <source>Remove</source>
        <translation>移除</translation>
    </message>
    <message>
        <source>Remove {name}?</source>
        <translation>移除 {name}？</translation>
    </message>
</context>
<context>
    <name>ModelFacts</name>
    <message numerus="yes">
        <source>%Ln word(s)</source>
        <translation>
            <numerusform>%Ln 个词</numerusform>
        </translation>
    </message>
    <message>
        <source>Comes with the program</source>
        <translation>随程序附带</translation>
    </message>
    <message>
        <source>Decoder</source>
        <translation>解码器</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>编码器</translation>
    </message>
    <message>
        <source>Installed by you</source>
        <translation>由你安装</translation>
    </message>
    <message>
        <source>Learned from</source>
        <translation>训练数据</translation>
    </message>
    <message>
        <source>Licence</source>
        <translation>许可证</translation>
    </message>
    <message>
        <source>Limits</source>
        <translation>局限</translation>
    </message>
    <message>
        <source>Origin</source>
        <translation>来源</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>大小</translation>
    </message>
    <message>
        <source>{rows} × {columns} places</source>
        <translation>{rows} × {columns} 格</translation>
    </message>
</context>
<context>
    <name>ModelJobs</name>
    <message>
        <source>Exporting {name}…</source>
        <translation>正在导出 {name}…</translation>
    </message>
    <message>
        <source>Importing {name}…</source>
        <translation>正在导入 {name}…</translation>
    </message>
    <message>
        <source>One thing at a time: wait until the last one is done, or cancel it.</source>
        <translation>一次只能做一件事：请等待上一项完成，或先取消它。</translation>
    </message>
    <message>
        <source>Removing {name}…</source>
        <translation>正在移除 {name}…</translation>
    </message>
    <message>
        <source>{name} was checked and installed.</source>
        <translation>{name} 已校验并安装。</translation>
    </message>
    <message>
        <source>{name} was removed.</source>
        <translation>{name} 已移除。</translation>
    </message>
    <message>
        <source>{name} was written.</source>
        <translation>{name} 已写入。</translation>
    </message>
</context>
<context>
    <name>ModelView</name>
    <message>
        <source>*This model came without a card: what it learned from and what it cannot do is not known.*</source>
        <translation>*此模型没有附带卡片：它的训练数据和局限均不明。*</translation>
    </message>
    <message>
        <source>Back to all models</source>
        <translation>返回所有模型</translation>
    </message>
    <message>
        <source>Export…</source>
        <translation>导出…</translation>
    </message>
    <message>
        <source>In use</source>
        <translation>使用中</translation>
    </message>
    <message>
        <source>Loading…</source>
        <translation>正在加载…</translation>
    </message>
    <message>
        <source>Remove…</source>
        <translation>移除…</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>在文件夹中显示</translation>
    </message>
    <message>
        <source>Use this model</source>
        <translation>使用此模型</translation>
    </message>
</context>
<context>
    <name>Numbers</name>
    <message>
        <source>&lt;1&#xa0;%</source>
        <translation>&lt;1&#xa0;%</translation>
    </message>
    <message>
        <source>{percent}&#xa0;%</source>
        <translation>{percent}&#xa0;%</translation>
    </message>
</context>
<context>
    <name>OverlayPanel</name>
    <message>
        <source>Blend the cells into each other for the eye; off shows the cells that the model really weighed</source>
        <translation>让网格相互过渡以便观看；关闭后显示模型实际加权的网格</translation>
    </message>
    <message>
        <source>Colour the photograph where the word looked</source>
        <translation>为该词注意的地方着色</translation>
    </message>
    <message>
        <source>Colours</source>
        <translation>配色</translation>
    </message>
    <message>
        <source>Colours from no weight to full weight</source>
        <translation>从零权重到最大权重的配色</translation>
    </message>
    <message>
        <source>Darken the photograph where the word did not look</source>
        <translation>压暗该词没有注意的地方</translation>
    </message>
    <message>
        <source>Draw lines around where the word looked</source>
        <translation>勾勒该词注意的地方</translation>
    </message>
    <message>
        <source>Heat</source>
        <translation>热图</translation>
    </message>
    <message>
        <source>How much of the photograph the overlay hides where it is strongest</source>
        <translation>叠加层在最强处遮住图片的程度</translation>
    </message>
    <message>
        <source>Kind of overlay</source>
        <translation>叠加层类型</translation>
    </message>
    <message>
        <source>Opacity</source>
        <translation>不透明度</translation>
    </message>
    <message>
        <source>Outline</source>
        <translation>轮廓</translation>
    </message>
    <message>
        <source>Overlay</source>
        <translation>叠加层</translation>
    </message>
    <message>
        <source>Same scale for all words</source>
        <translation>所有词共用标尺</translation>
    </message>
    <message>
        <source>Smooth (display only)</source>
        <translation>平滑（仅显示）</translation>
    </message>
    <message>
        <source>Spotlight</source>
        <translation>聚光</translation>
    </message>
    <message>
        <source>Strong and weak words look so; off shows each word at its own full strength</source>
        <translation>注意力的强弱如实显示；关闭后每个词都按自身最大值显示</translation>
    </message>
</context>
<context>
    <name>PageCommands</name>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>The folder cannot be shown here: {path}</source>
        <translation>无法在此显示文件夹：{path}</translation>
    </message>
</context>
<context>
    <name>PageSwitcher</name>
    <message>
        <source>Pages</source>
        <translation>页面</translation>
    </message>
</context>
<context>
    <name>PhotographCanvas</name>
    <message>
        <source>Photograph</source>
        <translation>图片</translation>
    </message>
</context>
<context>
    <name>PlaceBubble</name>
    <message>
        <source>Words that looked here</source>
        <translation>看向这里的词</translation>
    </message>
</context>
<context>
    <name>Places</name>
    <message>
        <source>bottom centre</source>
        <translation>下方居中</translation>
    </message>
    <message>
        <source>bottom left</source>
        <translation>左下</translation>
    </message>
    <message>
        <source>bottom right</source>
        <translation>右下</translation>
    </message>
    <message>
        <source>centre</source>
        <translation>中央</translation>
    </message>
    <message>
        <source>centre left</source>
        <translation>左侧居中</translation>
    </message>
    <message>
        <source>centre right</source>
        <translation>右侧居中</translation>
    </message>
    <message>
        <source>top centre</source>
        <translation>上方居中</translation>
    </message>
    <message>
        <source>top left</source>
        <translation>左上</translation>
    </message>
    <message>
        <source>top right</source>
        <translation>右上</translation>
    </message>
    <message>
        <source>{place}, {share} %</source>
        <translation>{place}，{share}%</translation>
    </message>
</context>
<context>
    <name>PlayerBar</name>
    <message>
        <source>Go from word to word</source>
        <translation>逐词播放</translation>
    </message>
    <message>
        <source>Go through the words</source>
        <translation>浏览各词</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>{position} of {count}</source>
        <translation>{position} / {count}</translation>
    </message>
</context>
<context>
    <name>PreferencesDialog</name>
    <message>
        <source>Another language shows when Captioner is started again.</source>
        <translation>更改语言将在重新启动 Captioner 后生效。</translation>
    </message>
    <message>
        <source>Ask before a model is removed</source>
        <translation>移除模型前先询问</translation>
    </message>
    <message>
        <source>At the start</source>
        <translation>启动时</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>深色</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>语言</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>浅色</translation>
    </message>
    <message>
        <source>Like the system</source>
        <translation>跟随系统</translation>
    </message>
    <message>
        <source>Models</source>
        <translation>模型</translation>
    </message>
    <message>
        <source>Open the photographs of the last time</source>
        <translation>打开上次的图片</translation>
    </message>
    <message>
        <source>Preferences</source>
        <translation>偏好设置</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>主题</translation>
    </message>
</context>
<context>
    <name>ProgressStrip</name>
    <message numerus="yes">
        <source>%Ln failed</source>
        <translation>
            <numerusform>%Ln 张失败</numerusform>
        </translation>
    </message>
    <message>
        <source>Cancel</source>
        <translation>取消</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>暂停</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>已暂停</translation>
    </message>
    <message>
        <source>Progress of captioning</source>
        <translation>描述进度</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>继续</translation>
    </message>
    <message>
        <source>{done} of {total}</source>
        <translation>{done} / {total}</translation>
    </message>
    <message>
        <source>{hours} h {minutes} min left</source>
        <translation>剩余 {hours} 小时 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{minutes} min left</source>
        <translation>剩余 {minutes} 分钟</translation>
    </message>
    <message>
        <source>{number} images/s</source>
        <translation>{number} 张/秒</translation>
    </message>
    <message>
        <source>{seconds} s for each</source>
        <translation>每张 {seconds} 秒</translation>
    </message>
    <message>
        <source>{seconds} s left</source>
        <translation>剩余 {seconds} 秒</translation>
    </message>
</context>
<context>
    <name>SampleButton</name>
    <message>
        <source>Caption the sample {name}</source>
        <translation>描述示例 {name}</translation>
    </message>
</context>
<context>
    <name>SeedRow</name>
    <message>
        <source>Draw another seed</source>
        <translation>换一个种子</translation>
    </message>
    <message>
        <source>Seed</source>
        <translation>种子</translation>
    </message>
    <message>
        <source>The same seed draws the same words again</source>
        <translation>种子相同，采样的词就相同</translation>
    </message>
</context>
<context>
    <name>SessionKeeper</name>
    <message>
        <source>Some photographs of the last time could not be restored. A copy of the list was kept.</source>
        <translation>上次的部分图片未能恢复。已保留列表的副本。</translation>
    </message>
</context>
<context>
    <name>SettingsStore</name>
    <message>
        <source>The settings are of a newer Captioner, so defaults are used. Kept for you: {kept}.</source>
        <translation>设置来自更新版本的 Captioner，因此使用默认设置。原设置保留在：{kept}。</translation>
    </message>
    <message>
        <source>The settings cannot be read, so defaults are used. Check who may read {path}.</source>
        <translation>无法读取设置，因此使用默认设置。请检查 {path} 的读取权限。</translation>
    </message>
    <message>
        <source>The settings were damaged, so defaults are used. Kept for you: {kept}.</source>
        <translation>设置已损坏，因此使用默认设置。原设置保留在：{kept}。</translation>
    </message>
    <message>
        <source>no copy</source>
        <translation>无副本</translation>
    </message>
</context>
<context>
    <name>ShellCommands</name>
    <message>
        <source>Captioner speaks this language when it is started again.</source>
        <translation>重新启动 Captioner 后将使用此语言。</translation>
    </message>
    <message>
        <source>Diagnostics saved in {name}.</source>
        <translation>诊断信息已保存到 {name}。</translation>
    </message>
    <message>
        <source>Save diagnostics</source>
        <translation>保存诊断信息</translation>
    </message>
    <message>
        <source>Zip files (*.zip)</source>
        <translation>Zip 文件 (*.zip)</translation>
    </message>
</context>
<context>
    <name>ShortcutsDialog</name>
    <message>
        <source>Find a command or a key</source>
        <translation>查找命令或按键</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>键盘快捷键</translation>
    </message>
</context>
<context>
    <name>ToastCard</name>
    <message>
        <source>Close this note</source>
        <translation>关闭此通知</translation>
    </message>
</context>
<context>
    <name>UncaughtErrors</name>
    <message>
        <source>Something went wrong in Captioner: {what}. You can go on; Help, Save diagnostics helps us.</source>
        <translation>Captioner 出现问题：{what}。可以继续使用；请用“帮助”菜单中的“保存诊断信息”协助我们排查。</translation>
    </message>
</context>
<context>
    <name>UndoActions</name>
    <message>
        <source>Redo: {what}</source>
        <translation>重做：{what}</translation>
    </message>
    <message>
        <source>Undo: {what}</source>
        <translation>撤销：{what}</translation>
    </message>
</context>
<context>
    <name>WordChip</name>
    <message>
        <source>looked everywhere about alike</source>
        <translation>注意力分布均匀</translation>
    </message>
    <message>
        <source>pinned</source>
        <translation>已固定</translation>
    </message>
    <message>
        <source>written by hand</source>
        <translation>手动编写</translation>
    </message>
    <message>
        <source>{percent} likely</source>
        <translation>概率 {percent}</translation>
    </message>
</context>
<context>
    <name>WordPanel</name>
    <message>
        <source>Entropy</source>
        <translation>熵</translation>
    </message>
    <message>
        <source>Gate</source>
        <translation>门控</translation>
    </message>
    <message>
        <source>How likely this word was, given the photograph and the words before it</source>
        <translation>在图片和前文已知时，该词的概率</translation>
    </message>
    <message>
        <source>How much of what was seen was used: 0 is nothing, 1 is all of it</source>
        <translation>所见内容被采用的程度：0 为完全不用，1 为全部采用</translation>
    </message>
    <message>
        <source>How widely the word looked: 0 is one place only, the most is all alike</source>
        <translation>该词看得有多分散：0 表示只看一处，最大值表示各处相同</translation>
    </message>
    <message>
        <source>Looked at {place}</source>
        <translation>看向{place}</translation>
    </message>
    <message>
        <source>Looked everywhere about alike, so the map says little about this word.</source>
        <translation>该词对各处的注意力几乎相同，注意力图说明不了什么。</translation>
    </message>
    <message>
        <source>Point at a word of the caption to see how sure the model was and where it looked.</source>
        <translation>指向描述中的词，查看模型的把握以及它看向哪里。</translation>
    </message>
    <message>
        <source>Word</source>
        <translation>词</translation>
    </message>
    <message>
        <source>Written by hand. The model says nothing about this word.</source>
        <translation>手动编写。模型没有关于此词的信息。</translation>
    </message>
    <message>
        <source>{bits} bits</source>
        <translation>{bits} 比特</translation>
    </message>
    <message>
        <source>{bits} of {most} bits</source>
        <translation>{bits} / {most} 比特</translation>
    </message>
</context>
<context>
    <name>WordStrip</name>
    <message>
        <source>Words of the caption</source>
        <translation>描述中的词</translation>
    </message>
</context>
<context>
    <name>WorkerIndicator</name>
    <message>
        <source>Cannot caption</source>
        <translation>无法描述</translation>
    </message>
    <message>
        <source>Model: {name}</source>
        <translation>模型：{name}</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>就绪</translation>
    </message>
    <message>
        <source>Starting</source>
        <translation>正在启动</translation>
    </message>
    <message>
        <source>Starting again</source>
        <translation>正在重新启动</translation>
    </message>
</context>
</TS>
